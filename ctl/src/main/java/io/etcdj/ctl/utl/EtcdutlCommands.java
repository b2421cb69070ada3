package io.etcdj.ctl.utl;

import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.command.VersionCommand;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The root of etcdutl: every command by name. */
public final class EtcdutlCommands extends Command {
  private static final Flag[] GLOBAL_FLAGS = {
    Flag.duration("timeout", "10s", "how long to wait for the lock of a db file (0 for ever)"),
    Flag.string("write-out", "output format (fields, json, protobuf, simple, table)")
        .withInitial("simple")
        .withShorthand('w'),
  };

  public EtcdutlCommands() {
    super("etcdutl", "An administrative command line tool for etcd3.");
  }

  /** The flags of every command of etcdutl. */
  public static Flag[] globalFlags() {
    return GLOBAL_FLAGS.clone();
  }

  @Override
  public List<String> children() {
    return List.of("defrag", "snapshot", "hashkv", "version", "migrate");
  }

  @Override
  public @Nullable Command child(String name) {
    return switch (name) {
      case "defrag" -> new DefragCommand();
      case "snapshot" -> new SnapshotCommand();
      case "hashkv" -> new HashKvCommand();
      case "version" -> new VersionCommand("etcdutl");
      case "migrate" -> new MigrateCommand();
      default -> null;
    };
  }
}
