package io.etcdj.ctl.command;

import io.etcdj.api.authpb.UserAddOptions;
import io.etcdj.api.etcdserverpb.AuthRoleGetRequest;
import io.etcdj.api.etcdserverpb.AuthRoleGetResponse;
import io.etcdj.api.etcdserverpb.AuthUserAddRequest;
import io.etcdj.api.etcdserverpb.AuthUserAddResponse;
import io.etcdj.api.etcdserverpb.AuthUserChangePasswordRequest;
import io.etcdj.api.etcdserverpb.AuthUserChangePasswordResponse;
import io.etcdj.api.etcdserverpb.AuthUserDeleteRequest;
import io.etcdj.api.etcdserverpb.AuthUserDeleteResponse;
import io.etcdj.api.etcdserverpb.AuthUserGetRequest;
import io.etcdj.api.etcdserverpb.AuthUserGetResponse;
import io.etcdj.api.etcdserverpb.AuthUserGrantRoleRequest;
import io.etcdj.api.etcdserverpb.AuthUserGrantRoleResponse;
import io.etcdj.api.etcdserverpb.AuthUserListRequest;
import io.etcdj.api.etcdserverpb.AuthUserListResponse;
import io.etcdj.api.etcdserverpb.AuthUserRevokeRoleRequest;
import io.etcdj.api.etcdserverpb.AuthUserRevokeRoleResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code user}: who may come, and in which roles. */
final class UserCommand extends Command {
  private static final Flag INTERACTIVE =
      Flag.bool("interactive", "ask for the password rather than read it from the input")
          .withInitial("true");

  UserCommand() {
    super("user <subcommand>", "User related commands");
  }

  @Override
  public List<String> children() {
    return List.of("add", "delete", "get", "list", "passwd", "grant-role", "revoke-role");
  }

  @Override
  public @Nullable Command child(String name) {
    return switch (name) {
      case "add" -> new Add();
      case "delete" -> new Delete();
      case "get" -> new Get();
      case "list" -> new ListAll();
      case "passwd" -> new ChangePassword();
      case "grant-role" -> new GrantRole();
      case "revoke-role" -> new RevokeRole();
      default -> null;
    };
  }

  private static List<String> arguments(Flags flags, int count, String complaint) {
    if (flags.arguments().size() != count) {
      throw Failure.badArgs(complaint);
    }
    return flags.arguments();
  }

  private static final class Add extends Command {
    private static final Flag[] FLAGS = {
      INTERACTIVE,
      Flag.string("new-user-password", "password of the new user"),
      Flag.bool("no-password", "make a user who can come only by certificate"),
    };

    Add() {
      super("add <user name or user:password> [options]", "Adds a new user");
    }

    @Override
    public Flag[] flags() {
      return FLAGS;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      String user =
          arguments(flags, 1, "user add command requires user name as its argument").get(0);
      String password = flags.string("new-user-password");
      boolean noPassword = flags.bool("no-password");
      int colon = user.indexOf(':');
      if (noPassword) {
        password = "";
      } else if (password.isEmpty() && colon >= 0) {
        password = user.substring(colon + 1);
        user = user.substring(0, colon);
        if (user.isEmpty()) {
          throw Failure.badArgs("empty user name is not allowed");
        }
      } else if (password.isEmpty()) {
        password =
            flags.bool("interactive")
                ? Prompt.newPassword(environment, user)
                : Prompt.word(environment);
      }
      AuthUserAddRequest request =
          AuthUserAddRequest.newBuilder()
              .setName(user)
              .setPassword(password)
              .setOptions(UserAddOptions.newBuilder().setNoPassword(noPassword))
              .build();
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .userAdd(user, session.call(Rpc.USER_ADD, request, AuthUserAddResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }

  private static final class Delete extends Command {
    Delete() {
      super("delete <user name>", "Deletes a user");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      String user =
          arguments(flags, 1, "user delete command requires user name as its argument").get(0);
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .userDelete(
                user,
                session.call(
                    Rpc.USER_DELETE,
                    AuthUserDeleteRequest.newBuilder().setName(user).build(),
                    AuthUserDeleteResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }

  private static final class Get extends Command {
    private static final Flag[] FLAGS = {
      Flag.bool("detail", "print the permissions of the user's roles"),
    };

    Get() {
      super("get <user name> [options]", "Gets detailed information of a user");
    }

    @Override
    public Flag[] flags() {
      return FLAGS;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      String user =
          arguments(flags, 1, "user get command requires user name as its argument").get(0);
      try (Session session = Session.open(flags, environment)) {
        AuthUserGetResponse answer =
            session.read(
                Rpc.USER_GET,
                AuthUserGetRequest.newBuilder().setName(user).build(),
                AuthUserGetResponse.parser());
        if (!flags.bool("detail")) {
          session.printer().userGet(user, answer);
          return ExitCode.SUCCESS;
        }
        environment.out().print("User: " + user + "\n");
        for (String role : answer.getRolesList()) {
          environment.out().print("\n");
          session
              .printer()
              .roleGet(
                  role,
                  session.read(
                      Rpc.ROLE_GET,
                      AuthRoleGetRequest.newBuilder().setRole(role).build(),
                      AuthRoleGetResponse.parser()));
        }
        return ExitCode.SUCCESS;
      }
    }
  }

  private static final class ListAll extends Command {
    ListAll() {
      super("list", "Lists all users");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      arguments(flags, 0, "user list command requires no arguments");
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .userList(
                session.read(
                    Rpc.USER_LIST,
                    AuthUserListRequest.getDefaultInstance(),
                    AuthUserListResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }

  private static final class ChangePassword extends Command {
    private static final Flag[] FLAGS = {INTERACTIVE};

    ChangePassword() {
      super("passwd <user name> [options]", "Changes password of user");
    }

    @Override
    public Flag[] flags() {
      return FLAGS;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      String user =
          arguments(flags, 1, "user passwd command requires user name as its argument").get(0);
      String password =
          flags.bool("interactive")
              ? Prompt.newPassword(environment, user)
              : Prompt.word(environment);
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .userChangePassword(
                session.call(
                    Rpc.USER_CHANGE_PASSWORD,
                    AuthUserChangePasswordRequest.newBuilder()
                        .setName(user)
                        .setPassword(password)
                        .build(),
                    AuthUserChangePasswordResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }

  private static final class GrantRole extends Command {
    GrantRole() {
      super("grant-role <user name> <role name>", "Grants a role to a user");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      List<String> names =
          arguments(
              flags, 2, "user grant command requires user name and role name as its argument");
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .userGrantRole(
                names.get(0),
                names.get(1),
                session.call(
                    Rpc.USER_GRANT_ROLE,
                    AuthUserGrantRoleRequest.newBuilder()
                        .setUser(names.get(0))
                        .setRole(names.get(1))
                        .build(),
                    AuthUserGrantRoleResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }

  private static final class RevokeRole extends Command {
    RevokeRole() {
      super("revoke-role <user name> <role name>", "Revokes a role from a user");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      List<String> names =
          arguments(flags, 2, "user revoke-role requires user name and role name as its argument");
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .userRevokeRole(
                names.get(0),
                names.get(1),
                session.call(
                    Rpc.USER_REVOKE_ROLE,
                    AuthUserRevokeRoleRequest.newBuilder()
                        .setName(names.get(0))
                        .setRole(names.get(1))
                        .build(),
                    AuthUserRevokeRoleResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }
}
