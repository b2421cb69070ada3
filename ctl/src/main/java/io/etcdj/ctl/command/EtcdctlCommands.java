package io.etcdj.ctl.command;

import io.etcdj.ctl.cli.Command;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The root of etcdctl: every command by name, and under which heading help lists it. */
public final class EtcdctlCommands extends Command {
  private static final List<String> NAMES =
      List.of(
          "get",
          "put",
          "del",
          "txn",
          "compaction",
          "alarm",
          "defrag",
          "endpoint",
          "move-leader",
          "watch",
          "version",
          "lease",
          "member",
          "snapshot",
          "make-mirror",
          "lock",
          "elect",
          "auth",
          "user",
          "role",
          "check",
          "downgrade",
          "options");

  public EtcdctlCommands() {
    super("etcdctl", "A simple command line client for etcd3.");
  }

  @Override
  public List<String> children() {
    return NAMES;
  }

  @Override
  public @Nullable Command child(String name) {
    return switch (name) {
      case "get" -> new GetCommand();
      case "put" -> new PutCommand();
      case "del" -> new DelCommand();
      case "txn" -> new TxnCommand();
      case "compaction", "compact" -> new CompactionCommand();
      case "alarm" -> new AlarmCommand();
      case "defrag" -> new DefragCommand();
      case "endpoint" -> new EndpointCommand();
      case "move-leader" -> new MoveLeaderCommand();
      case "watch" -> new WatchCommand();
      case "version" -> new VersionCommand("etcdctl");
      case "lease" -> new LeaseCommand();
      case "member" -> new MemberCommand();
      case "snapshot" -> new SnapshotCommand();
      case "lock" -> new LockCommand();
      case "elect" -> new ElectCommand();
      case "auth" -> new AuthCommand();
      case "user" -> new UserCommand();
      case "role" -> new RoleCommand();
      case "make-mirror" -> new MakeMirrorCommand();
      case "check" -> new CheckCommand();
      case "downgrade" -> new DowngradeCommand();
      case "options" -> new OptionsCommand();
      default -> null;
    };
  }

  @Override
  public @Nullable String groupOf(String childName) {
    return switch (childName) {
      case "get", "put", "del", "txn", "compaction", "watch", "lease" -> "Key-value commands:";
      case "member",
          "endpoint",
          "alarm",
          "defrag",
          "snapshot",
          "move-leader",
          "downgrade",
          "make-mirror" ->
          "Cluster maintenance commands:";
      case "lock", "elect" -> "Concurrency commands:";
      case "auth", "user", "role" -> "Authentication commands:";
      default -> "Utility commands:";
    };
  }
}
