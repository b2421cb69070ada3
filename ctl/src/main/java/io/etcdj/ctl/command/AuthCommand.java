package io.etcdj.ctl.command;

import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.AuthDisableRequest;
import io.etcdj.api.etcdserverpb.AuthDisableResponse;
import io.etcdj.api.etcdserverpb.AuthEnableRequest;
import io.etcdj.api.etcdserverpb.AuthEnableResponse;
import io.etcdj.api.etcdserverpb.AuthRoleAddRequest;
import io.etcdj.api.etcdserverpb.AuthRoleAddResponse;
import io.etcdj.api.etcdserverpb.AuthStatusRequest;
import io.etcdj.api.etcdserverpb.AuthStatusResponse;
import io.etcdj.api.etcdserverpb.AuthUserGrantRoleRequest;
import io.etcdj.api.etcdserverpb.AuthUserGrantRoleResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.rpc.RpcException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code auth}: whether the cluster asks who is there. */
final class AuthCommand extends Command {
  private static final String ROOT = "root";

  AuthCommand() {
    super("auth <enable, disable or status>", "Manages authentication");
  }

  @Override
  public List<String> children() {
    return List.of("enable", "disable", "status");
  }

  @Override
  public @Nullable Command child(String name) {
    return switch (name) {
      case "enable" -> new Enable();
      case "disable" -> new Disable();
      case "status" -> new Status();
      default -> null;
    };
  }

  private static void requireNoArguments(Flags flags, String command) {
    if (!flags.arguments().isEmpty()) {
      throw Failure.badArgs("auth " + command + " command does not accept any arguments");
    }
  }

  private static final class Enable extends Command {
    Enable() {
      super("enable", "Enables authentication");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      requireNoArguments(flags, "enable");
      try (Session session = Session.open(flags, environment)) {
        session.printer().authEnable(enable(session));
        return ExitCode.SUCCESS;
      }
    }

    private static AuthEnableResponse enable(Session session) {
      try {
        return session
            .channel()
            .call(
                Rpc.AUTH_ENABLE,
                AuthEnableRequest.getDefaultInstance(),
                AuthEnableResponse.parser(),
                session.deadline());
      } catch (RpcException e) {
        if (!e.description().equals(EtcdError.ROOT_ROLE_NOT_EXIST.message())) {
          throw Failure.error(e.text());
        }
      }
      giveRootItsRole(session);
      return session.call(
          Rpc.AUTH_ENABLE, AuthEnableRequest.getDefaultInstance(), AuthEnableResponse.parser());
    }

    private static void giveRootItsRole(Session session) {
      try {
        session
            .channel()
            .call(
                Rpc.ROLE_ADD,
                AuthRoleAddRequest.newBuilder().setName(ROOT).build(),
                AuthRoleAddResponse.parser(),
                session.deadline());
      } catch (RpcException e) {
        if (!e.description().equals(EtcdError.ROLE_ALREADY_EXIST.message())) {
          throw Failure.error(e.text());
        }
      }
      session.call(
          Rpc.USER_GRANT_ROLE,
          AuthUserGrantRoleRequest.newBuilder().setUser(ROOT).setRole(ROOT).build(),
          AuthUserGrantRoleResponse.parser());
    }
  }

  private static final class Disable extends Command {
    Disable() {
      super("disable", "Disables authentication");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      requireNoArguments(flags, "disable");
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .authDisable(
                session.call(
                    Rpc.AUTH_DISABLE,
                    AuthDisableRequest.getDefaultInstance(),
                    AuthDisableResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }

  private static final class Status extends Command {
    Status() {
      super("status", "Returns authentication status");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      requireNoArguments(flags, "status");
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .authStatus(
                session.read(
                    Rpc.AUTH_STATUS,
                    AuthStatusRequest.getDefaultInstance(),
                    AuthStatusResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }
}
