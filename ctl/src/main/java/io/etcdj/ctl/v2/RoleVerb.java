package io.etcdj.ctl.v2;

import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.text.GoUrl;
import java.util.List;

/** {@code role add}, {@code get}, {@code list}, {@code remove}, {@code grant}, {@code revoke}. */
final class RoleVerb extends Verb {
  private enum Kind {
    ADD,
    GET,
    LIST,
    REMOVE,
    GRANT,
    REVOKE
  }

  private final Kind kind;

  private RoleVerb(Kind kind, String name, String arguments, String about) {
    super(name, arguments, about);
    this.kind = kind;
  }

  static Verb group() {
    return new Group(
        "role",
        "role add, grant and revoke subcommands",
        List.of(
            new RoleVerb(Kind.ADD, "add", "<role> ", "add a new role for the etcd cluster"),
            new RoleVerb(Kind.GET, "get", "<role>", "get details for a role"),
            new RoleVerb(Kind.LIST, "list", " ", "list all roles"),
            new RoleVerb(Kind.REMOVE, "remove", "<role>", "remove a role from the etcd cluster"),
            new RoleVerb(Kind.GRANT, "grant", "<role>", "grant path matches to an etcd role"),
            new RoleVerb(Kind.REVOKE, "revoke", "<role>", "revoke path matches for an etcd role")));
  }

  @Override
  Option[] options() {
    return switch (kind) {
      case GRANT ->
          new Option[] {
            Option.text("Path granted for the role to access", "path"),
            Option.onOff("Grant read-only access", "read"),
            Option.onOff("Grant write-only access", "write"),
            Option.onOff("Grant read-write access", "readwrite", "rw"),
          };
      case REVOKE ->
          new Option[] {
            Option.text("Path revoked for the role to access", "path"),
            Option.onOff("Revoke read access", "read"),
            Option.onOff("Revoke write access", "write"),
            Option.onOff("Revoke read-write access", "readwrite", "rw"),
          };
      default -> super.options();
    };
  }

  @Override
  int run(Call call) {
    try {
      switch (kind) {
        case LIST -> {
          call.needNoArguments();
          for (String name : AuthApi.open(call).roles()) {
            call.print(name);
          }
        }
        case ADD -> add(call);
        case GET -> get(call);
        case REMOVE -> {
          String role = role(call);
          AuthApi.open(call).removeRole(role);
          call.print("Role " + role + " removed");
        }
        case GRANT, REVOKE -> change(call);
      }
      return ExitStatus.SUCCESS;
    } catch (ClientException e) {
      throw e.plainFailure();
    }
  }

  private static String role(Call call) {
    if (call.arguments().size() != 1) {
      throw new Failure(ExitStatus.BAD_ARGUMENTS, "Please provide a role name");
    }
    return call.arguments().get(0);
  }

  private static void add(Call call) throws ClientException {
    String role = role(call);
    AuthApi api = AuthApi.open(call);
    if (exists(api, role)) {
      throw new Failure(ExitStatus.BAD_ARGUMENTS, "Role " + role + " already exists");
    }
    api.addRole(role);
    call.print("Role " + role + " created");
  }

  private static boolean exists(AuthApi api, String role) {
    try {
      api.role(role);
      return true;
    } catch (ClientException e) {
      return false;
    }
  }

  private static void get(Call call) throws ClientException {
    String name = role(call);
    AuthApi.Role role = AuthApi.open(call).role(name);
    call.print("Role: " + role.name());
    call.print("KV Read:");
    for (String path : role.reads()) {
      call.print("\t" + path);
    }
    call.print("KV Write:");
    for (String path : role.writes()) {
      call.print("\t" + path);
    }
  }

  private void change(Call call) throws ClientException {
    Options options = call.options();
    String path = options.text("path");
    if (path.isEmpty()) {
      throw new Failure(ExitStatus.BAD_ARGUMENTS, "No path specified; please use `--path`");
    }
    String canonical = GoUrl.canonicalPath(path);
    if (!canonical.equals(path)) {
      throw new Failure(
          ExitStatus.BAD_ARGUMENTS, "Not canonical path; please use `--path=" + canonical + "`");
    }
    boolean read = options.on("read");
    boolean write = options.on("write");
    boolean both = options.on("readwrite");
    if ((read ? 1 : 0) + (write ? 1 : 0) + (both ? 1 : 0) != 1) {
      throw new Failure(
          ExitStatus.BAD_ARGUMENTS, "Please specify exactly one of --read, --write or --readwrite");
    }
    String name = role(call);
    AuthApi api = AuthApi.open(call);
    AuthApi.Role before = api.role(name);
    boolean grant = kind == Kind.GRANT;
    List<String> paths = List.of(path);
    AuthApi.Role after =
        api.grantOrRevoke(name, grant, write ? List.of() : paths, read ? List.of() : paths);
    if (after.equals(before)) {
      String already = grant ? "granted" : "revoked";
      call.environment().out().print("Role unchanged; already " + already);
    }
    call.print("Role " + name + " updated");
  }
}
