package io.etcdj.ctl.utl;

import com.google.protobuf.ByteString;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.text.GoStrings;
import io.etcdj.storage.bolt.BoltBucket;
import io.etcdj.storage.bolt.BoltReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** {@code snapshot}: looks into a saved snapshot, or makes a data directory of it. */
final class SnapshotCommand extends Command {
  /** A saved snapshot ends with a digest, which is not part of the database. */
  private static final int PAGE_FRACTION_BYTES = 512;

  SnapshotCommand() {
    super("snapshot <subcommand>", "Manages etcd node snapshots");
  }

  @Override
  public List<String> children() {
    return List.of("restore", "status");
  }

  @Override
  public @Nullable Command child(String name) {
    return switch (name) {
      case "restore" -> new RestoreSnapshot();
      case "status" -> new Status();
      default -> null;
    };
  }

  private static final class Status extends Command {
    Status() {
      super("status <filename>", "Gets backend snapshot status of a given file");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      if (flags.arguments().size() != 1) {
        throw Failure.badArgs("snapshot status requires exactly one argument");
      }
      String name = flags.arguments().get(0);
      try (BoltReader file = Backend.open(name)) {
        CRC32C crc = new CRC32C();
        long[] revision = {0};
        Set<ByteString> live = new HashSet<>();
        for (String bucketName : file.buckets()) {
          crc.update(bucketName.getBytes(StandardCharsets.UTF_8));
          BoltBucket bucket = file.bucket(bucketName);
          if (bucket == null) {
            continue;
          }
          boolean history = bucketName.equals(Backend.KEY);
          bucket.forEach(
              (key, value) -> {
                crc.update(key.duplicate());
                crc.update(value.duplicate());
                if (history) {
                  Backend.Revision at = Backend.Revision.of(key);
                  revision[0] = at.main();
                  if (at.tombstone()) {
                    live.remove(Backend.userKey(value));
                  } else {
                    live.add(Backend.userKey(value));
                  }
                }
              });
        }
        long size = Files.size(Path.of(name)) / PAGE_FRACTION_BYTES * PAGE_FRACTION_BYTES;
        String version = Backend.storageVersion(file);
        new Report()
            .number("HASH", "Hash", "hash", crc.getValue(), GoStrings.hex(crc.getValue()))
            .number("REVISION", "Revision", "revision", revision[0], Long.toString(revision[0]))
            .number("TOTAL KEYS", "Keys", "totalKey", live.size(), Integer.toString(live.size()))
            .number("TOTAL SIZE", "Size", "totalSize", size, GoStrings.bytes(size))
            .text("VERSION", "Version", "version", version == null ? "" : version)
            .print(flags.string("write-out"), environment);
        return ExitCode.SUCCESS;
      } catch (IOException e) {
        throw Failure.error(e.getMessage());
      }
    }
  }

  private static final class RestoreSnapshot extends Command {
    private static final Flag[] FLAGS = {
      Flag.number("bump-revision", "by how much to raise the latest revision"),
      Flag.string("data-dir", "data directory to make; NAME.etcd if not given"),
      Flag.string("initial-advertise-peer-urls", "peer URLs of the restored member")
          .withInitial("http://localhost:2380"),
      Flag.string("initial-cluster", "members of the restored cluster")
          .withInitial("default=http://localhost:2380"),
      Flag.string("initial-cluster-token", "token that sets this cluster apart from others")
          .withInitial("etcd-cluster"),
      Flag.number("initial-memory-map-size", "accepted and not needed").withInitial("10737418240"),
      Flag.bool("mark-compacted", "mark the bumped revision as compacted"),
      Flag.string("name", "name of the restored member").withInitial("default"),
      Flag.bool("skip-hash-check", "accept a file without digest, such as a copied db"),
      Flag.string("wal-dir", "where to put the log; DATA-DIR/member/wal if not given"),
    };

    RestoreSnapshot() {
      super(
          "restore <filename> --data-dir {output dir} [options]",
          "Restores an etcd member snapshot to an etcd directory");
    }

    @Override
    public Flag[] flags() {
      return FLAGS;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      if (flags.arguments().size() != 1) {
        throw Failure.badArgs("snapshot restore requires exactly one argument");
      }
      if (flags.number("bump-revision") > 0 && !flags.bool("mark-compacted")) {
        throw Failure.badArgs("--mark-compacted required if --revision-bump > 0");
      }
      if (flags.number("bump-revision") == 0 && flags.bool("mark-compacted")) {
        throw Failure.badArgs("--mark-compacted required if --revision-bump > 0");
      }
      String name = flags.string("name");
      String dataDirectory = flags.string("data-dir");
      try {
        InitialCluster cluster =
            InitialCluster.parse(
                flags.string("initial-cluster"),
                flags.string("initial-cluster-token"),
                name,
                flags.strings("initial-advertise-peer-urls"));
        new Restore(
                environment,
                Path.of(flags.arguments().get(0)),
                Path.of(dataDirectory.isEmpty() ? name + ".etcd" : dataDirectory),
                flags.string("wal-dir"),
                cluster)
            .run(flags.bool("skip-hash-check"), flags.number("bump-revision"));
        return ExitCode.SUCCESS;
      } catch (IOException e) {
        throw Failure.error(e.getMessage());
      }
    }
  }
}
