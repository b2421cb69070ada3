package io.etcdj.ctl.command;

import io.etcdj.api.etcdserverpb.AlarmMember;
import io.etcdj.api.etcdserverpb.AlarmRequest;
import io.etcdj.api.etcdserverpb.AlarmResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flags;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code alarm}: what makes members refuse work. */
final class AlarmCommand extends Command {
  AlarmCommand() {
    super("alarm <subcommand>", "Alarm related commands");
  }

  @Override
  public List<String> children() {
    return List.of("disarm", "list");
  }

  @Override
  public @Nullable Command child(String name) {
    return switch (name) {
      case "disarm" -> new Disarm();
      case "list" -> new ListAll();
      default -> null;
    };
  }

  private static AlarmResponse list(Session session) {
    return session.read(Rpc.ALARM, AlarmRequest.getDefaultInstance(), AlarmResponse.parser());
  }

  private static final class Disarm extends Command {
    Disarm() {
      super("disarm", "Disarms all alarms");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      if (!flags.arguments().isEmpty()) {
        throw Failure.badArgs("alarm disarm command accepts no arguments");
      }
      try (Session session = Session.open(flags, environment)) {
        AlarmResponse.Builder disarmed = AlarmResponse.newBuilder();
        for (AlarmMember alarm : list(session).getAlarmsList()) {
          AlarmRequest request =
              AlarmRequest.newBuilder()
                  .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                  .setMemberID(alarm.getMemberID())
                  .setAlarm(alarm.getAlarm())
                  .build();
          disarmed.addAllAlarms(
              session.call(Rpc.ALARM, request, AlarmResponse.parser()).getAlarmsList());
        }
        session.printer().alarm(disarmed.build());
        return ExitCode.SUCCESS;
      }
    }
  }

  private static final class ListAll extends Command {
    ListAll() {
      super("list", "Lists all alarms");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      if (!flags.arguments().isEmpty()) {
        throw Failure.badArgs("alarm list command accepts no arguments");
      }
      try (Session session = Session.open(flags, environment)) {
        session.printer().alarm(list(session));
        return ExitCode.SUCCESS;
      }
    }
  }
}
