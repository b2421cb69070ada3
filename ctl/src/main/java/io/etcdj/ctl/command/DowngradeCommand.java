package io.etcdj.ctl.command;

import io.etcdj.api.etcdserverpb.DowngradeRequest;
import io.etcdj.api.etcdserverpb.DowngradeRequest.DowngradeAction;
import io.etcdj.api.etcdserverpb.DowngradeResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flags;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code downgrade}: prepares the cluster for an older version. */
final class DowngradeCommand extends Command {
  DowngradeCommand() {
    super("downgrade <TARGET_VERSION>", "Downgrade related commands");
  }

  @Override
  public List<String> children() {
    return List.of("validate", "enable", "cancel");
  }

  @Override
  public @Nullable Command child(String name) {
    return switch (name) {
      case "validate" ->
          new Step(
              "validate <TARGET_VERSION>",
              "Checks whether the cluster can be downgraded",
              DowngradeAction.VALIDATE);
      case "enable" ->
          new Step(
              "enable <TARGET_VERSION>",
              "Starts a downgrade of the cluster",
              DowngradeAction.ENABLE);
      case "cancel" -> new Step("cancel", "Cancels the ongoing downgrade", DowngradeAction.CANCEL);
      default -> null;
    };
  }

  private static final class Step extends Command {
    private final DowngradeAction action;

    Step(String use, String about, DowngradeAction action) {
      super(use, about);
      this.action = action;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      DowngradeRequest.Builder request = DowngradeRequest.newBuilder().setAction(action);
      if (action != DowngradeAction.CANCEL) {
        if (flags.arguments().isEmpty()) {
          throw Failure.badArgs("TARGET_VERSION not provided");
        }
        if (flags.arguments().size() > 1) {
          throw Failure.badArgs("too many arguments");
        }
        request.setVersion(flags.arguments().get(0));
      }
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .downgrade(
                name(), session.call(Rpc.DOWNGRADE, request.build(), DowngradeResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }
}
