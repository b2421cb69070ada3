package io.etcdj.ctl.v2;

import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.command.Prompt;
import java.util.List;

/** {@code user add}, {@code get}, {@code list}, {@code remove}, {@code grant} and so on. */
final class UserVerb extends Verb {
  private enum Kind {
    ADD,
    GET,
    LIST,
    REMOVE,
    GRANT,
    REVOKE,
    PASSWD
  }

  private static final Option[] ROLES = {Option.text("List of roles to grant or revoke", "roles")};
  private static final String PROMPT = "New password: ";

  private final Kind kind;

  private UserVerb(Kind kind, String name, String arguments, String about) {
    super(name, arguments, about);
    this.kind = kind;
  }

  static Verb group() {
    return new Group(
        "user",
        "user add, grant and revoke subcommands",
        List.of(
            new UserVerb(Kind.ADD, "add", "<user>", "add a new user for the etcd cluster"),
            new UserVerb(Kind.GET, "get", "<user>", "get details for a user"),
            new UserVerb(Kind.LIST, "list", "<user>", "list all current users"),
            new UserVerb(Kind.REMOVE, "remove", "<user>", "remove a user for the etcd cluster"),
            new UserVerb(Kind.GRANT, "grant", "<user>", "grant roles to an etcd user"),
            new UserVerb(Kind.REVOKE, "revoke", "<user>", "revoke roles for an etcd user"),
            new UserVerb(Kind.PASSWD, "passwd", "<user>", "change password for a user")));
  }

  @Override
  Option[] options() {
    return kind == Kind.GRANT || kind == Kind.REVOKE ? ROLES : super.options();
  }

  @Override
  int run(Call call) {
    try {
      if (kind == Kind.LIST) {
        call.needNoArguments();
        for (String name : AuthApi.open(call).users()) {
          call.print(name);
        }
        return ExitStatus.SUCCESS;
      }
      boolean changesRoles = kind == Kind.GRANT || kind == Kind.REVOKE;
      if (changesRoles && call.options().texts("roles").isEmpty()) {
        throw new Failure(ExitStatus.BAD_ARGUMENTS, "No roles specified; please use `--roles`");
      }
      if (call.arguments().size() != 1) {
        throw new Failure(ExitStatus.BAD_ARGUMENTS, "Please provide a username");
      }
      run(call, AuthApi.open(call), call.arguments().get(0));
      return ExitStatus.SUCCESS;
    } catch (ClientException e) {
      throw e.plainFailure();
    }
  }

  private void run(Call call, AuthApi api, String user) throws ClientException {
    switch (kind) {
      case ADD -> {
        int colon = user.indexOf(':');
        String name = colon < 0 ? user : user.substring(0, colon);
        String password =
            colon < 0
                ? Prompt.secretOnItsLine(call.environment(), PROMPT)
                : user.substring(colon + 1);
        api.putUser(name, password);
        call.print("User " + name + " created");
      }
      case GET -> {
        AuthApi.User found = api.user(user);
        call.print("User: " + found.name());
        // As etcdctl has it: each role leaves a blank in front of the first.
        String blanks = " ".repeat(found.roles().size());
        call.print("Roles: " + blanks + String.join(" ", found.roles()));
      }
      case REMOVE -> {
        api.removeUser(user);
        call.print("User " + user + " removed");
      }
      case GRANT, REVOKE -> {
        api.grantOrRevoke(user, kind == Kind.GRANT, call.options().texts("roles"));
        call.print("User " + user + " updated");
      }
      case PASSWD -> {
        api.putUser(user, Prompt.secretOnItsLine(call.environment(), PROMPT));
        call.print("Password updated");
      }
      case LIST -> throw new IllegalStateException("has been dealt with");
    }
  }
}
