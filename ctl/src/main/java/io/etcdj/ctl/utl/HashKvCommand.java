package io.etcdj.ctl.utl;

import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.storage.bolt.BoltReader;
import java.io.IOException;

/** {@code hashkv}: the hash of a file's history, to be compared with that of a running member. */
final class HashKvCommand extends Command {
  private static final Flag[] FLAGS = {
    Flag.number("rev", "hash up to this revision (0 for the latest)"),
  };

  HashKvCommand() {
    super("hashkv <filename>", "Prints the KV history hash of a given file");
  }

  @Override
  public Flag[] flags() {
    return FLAGS;
  }

  @Override
  public int run(Flags flags, Environment environment) {
    if (flags.arguments().size() != 1) {
      throw Failure.badArgs("hashkv requires exactly one argument");
    }
    try (BoltReader file = Backend.open(flags.arguments().get(0))) {
      Backend.HashKv hash = Backend.hashKv(file, flags.number("rev"));
      new Report()
          .number("HASH", "Hash", "hash", hash.hash(), Long.toString(hash.hash()))
          .number(
              "HASH REVISION",
              "HashRevision",
              "hashRevision",
              hash.hashRevision(),
              Long.toString(hash.hashRevision()))
          .number(
              "COMPACT REVISION",
              "CompactRevision",
              "compactRevision",
              hash.compactRevision(),
              Long.toString(hash.compactRevision()))
          .print(flags.string("write-out"), environment);
      return ExitCode.SUCCESS;
    } catch (IOException e) {
      throw Failure.error(e.getMessage());
    }
  }
}
