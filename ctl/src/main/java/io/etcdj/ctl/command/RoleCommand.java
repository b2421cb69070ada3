package io.etcdj.ctl.command;

import com.google.protobuf.ByteString;
import io.etcdj.api.authpb.Permission;
import io.etcdj.api.etcdserverpb.AuthRoleAddRequest;
import io.etcdj.api.etcdserverpb.AuthRoleAddResponse;
import io.etcdj.api.etcdserverpb.AuthRoleDeleteRequest;
import io.etcdj.api.etcdserverpb.AuthRoleDeleteResponse;
import io.etcdj.api.etcdserverpb.AuthRoleGetRequest;
import io.etcdj.api.etcdserverpb.AuthRoleGetResponse;
import io.etcdj.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import io.etcdj.api.etcdserverpb.AuthRoleGrantPermissionResponse;
import io.etcdj.api.etcdserverpb.AuthRoleListRequest;
import io.etcdj.api.etcdserverpb.AuthRoleListResponse;
import io.etcdj.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import io.etcdj.api.etcdserverpb.AuthRoleRevokePermissionResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code role}: which keys a role may read and write. */
final class RoleCommand extends Command {
  private static final Flag[] RANGE_FLAGS = {
    Flag.bool("from-key", "all keys from the given one on"),
    Flag.bool("prefix", "all keys that start with the given one"),
  };

  RoleCommand() {
    super("role <subcommand>", "Role related commands");
  }

  @Override
  public List<String> children() {
    return List.of("add", "delete", "get", "list", "grant-permission", "revoke-permission");
  }

  @Override
  public @Nullable Command child(String name) {
    return switch (name) {
      case "add" -> new Add();
      case "delete" -> new Delete();
      case "get" -> new Get();
      case "list" -> new ListAll();
      case "grant-permission" -> new GrantPermission();
      case "revoke-permission" -> new RevokePermission();
      default -> null;
    };
  }

  private static String roleName(Flags flags, String command) {
    if (flags.arguments().size() != 1) {
      throw Failure.badArgs("role " + command + " command requires role name as its argument");
    }
    return flags.arguments().get(0);
  }

  /** The range of a permission: {@code key [end]} with the help of --prefix and --from-key. */
  private static KeyRange range(Flags flags, List<String> keys) {
    boolean prefix = flags.bool("prefix");
    boolean fromKey = flags.bool("from-key");
    if (prefix && fromKey) {
      throw Failure.badArgs("--from-key and --prefix flags are mutually exclusive");
    }
    ByteString key = ByteString.copyFromUtf8(keys.get(0));
    if (keys.size() > 1) {
      if (prefix || fromKey) {
        throw Failure.badArgs(
            "unexpected endkey argument with --" + (prefix ? "prefix" : "from-key") + " flag");
      }
      return KeyRange.between(orZero(key), ByteString.copyFromUtf8(keys.get(1)));
    }
    if (prefix) {
      return KeyRange.prefix(key);
    }
    return fromKey ? KeyRange.from(key) : KeyRange.one(orZero(key));
  }

  /** Permissions have no empty key; the smallest is one zero byte. */
  private static ByteString orZero(ByteString key) {
    return key.isEmpty() ? KeyRange.from(key).key() : key;
  }

  private static final class Add extends Command {
    Add() {
      super("add <role name>", "Adds a new role");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      String role = roleName(flags, name());
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .roleAdd(
                role,
                session.call(
                    Rpc.ROLE_ADD,
                    AuthRoleAddRequest.newBuilder().setName(role).build(),
                    AuthRoleAddResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }

  private static final class Delete extends Command {
    Delete() {
      super("delete <role name>", "Deletes a role");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      String role = roleName(flags, name());
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .roleDelete(
                role,
                session.call(
                    Rpc.ROLE_DELETE,
                    AuthRoleDeleteRequest.newBuilder().setRole(role).build(),
                    AuthRoleDeleteResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }

  private static final class Get extends Command {
    Get() {
      super("get <role name>", "Gets detailed information of a role");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      String role = roleName(flags, name());
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .roleGet(
                role,
                session.read(
                    Rpc.ROLE_GET,
                    AuthRoleGetRequest.newBuilder().setRole(role).build(),
                    AuthRoleGetResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }

  private static final class ListAll extends Command {
    ListAll() {
      super("list", "Lists all roles");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      if (!flags.arguments().isEmpty()) {
        throw Failure.badArgs("role list command requires no arguments");
      }
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .roleList(
                session.read(
                    Rpc.ROLE_LIST,
                    AuthRoleListRequest.getDefaultInstance(),
                    AuthRoleListResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }
  }

  private static final class GrantPermission extends Command {
    GrantPermission() {
      super(
          "grant-permission [options] <role name> <permission type> <key> [endkey]",
          "Grants a key to a role");
    }

    @Override
    public Flag[] flags() {
      return RANGE_FLAGS;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      List<String> arguments = flags.arguments();
      if (arguments.size() < 3) {
        throw Failure.badArgs(
            "role grant command requires role name, permission type, and key [endkey] as its"
                + " argument");
      }
      KeyRange range = range(flags, arguments.subList(2, arguments.size()));
      Permission permission =
          Permission.newBuilder()
              .setPermType(type(arguments.get(1)))
              .setKey(range.key())
              .setRangeEnd(range.end())
              .build();
      String role = arguments.get(0);
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .roleGrantPermission(
                role,
                session.call(
                    Rpc.ROLE_GRANT_PERMISSION,
                    AuthRoleGrantPermissionRequest.newBuilder()
                        .setName(role)
                        .setPerm(permission)
                        .build(),
                    AuthRoleGrantPermissionResponse.parser()));
        return ExitCode.SUCCESS;
      }
    }

    private static Permission.Type type(String type) {
      return switch (type.toUpperCase(Locale.ROOT)) {
        case "READ" -> Permission.Type.READ;
        case "WRITE" -> Permission.Type.WRITE;
        case "READWRITE" -> Permission.Type.READWRITE;
        default -> throw Failure.badArgs("invalid permission type: " + type);
      };
    }
  }

  private static final class RevokePermission extends Command {
    RevokePermission() {
      super("revoke-permission <role name> <key> [endkey]", "Revokes a key from a role");
    }

    @Override
    public Flag[] flags() {
      return RANGE_FLAGS;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      List<String> arguments = flags.arguments();
      if (arguments.size() < 2) {
        throw Failure.badArgs(
            "role revoke-permission command requires role name and key [endkey] as its argument");
      }
      String role = arguments.get(0);
      KeyRange range = range(flags, arguments.subList(1, arguments.size()));
      AuthRoleRevokePermissionRequest request =
          AuthRoleRevokePermissionRequest.newBuilder()
              .setRole(role)
              .setKey(range.key())
              .setRangeEnd(range.end())
              .build();
      try (Session session = Session.open(flags, environment)) {
        AuthRoleRevokePermissionResponse answer =
            session.call(
                Rpc.ROLE_REVOKE_PERMISSION, request, AuthRoleRevokePermissionResponse.parser());
        session
            .printer()
            .roleRevokePermission(
                role, range.key().toByteArray(), range.end().toByteArray(), answer);
        return ExitCode.SUCCESS;
      }
    }
  }
}
