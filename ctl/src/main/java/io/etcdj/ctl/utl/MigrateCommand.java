package io.etcdj.ctl.utl;

import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.text.GoStrings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * {@code migrate}: labels a backend with the storage version of another etcd.
 *
 * <p>3.6 and 3.7 differ from 3.5 only in that label, which 3.5 does not have.
 */
final class MigrateCommand extends Command {
  private static final Flag[] FLAGS = {
    Flag.string("data-dir", "data directory of the member"),
    Flag.bool("force", "migrate even if the log may hold entries that the target cannot read"),
    Flag.string("target-version", "storage version to migrate to, as X.Y"),
  };

  private static final int MAJOR = 3;
  private static final int OLDEST_MINOR = 5;
  private static final int NEWEST_MINOR = 7;

  MigrateCommand() {
    super(
        "migrate",
        "Migrates schema of etcd data dir files to make them compatible with different etcd version");
  }

  @Override
  public Flag[] flags() {
    return FLAGS;
  }

  @Override
  public List<String> requiredFlags() {
    return List.of("data-dir", "target-version");
  }

  @Override
  public int run(Flags flags, Environment environment) {
    String target = flags.string("target-version");
    int dot = target.indexOf('.');
    int major = dot < 0 ? -1 : number(target.substring(0, dot));
    int minor = dot < 0 ? -1 : number(target.substring(dot + 1));
    if (major < 0 || minor < 0) {
      throw Failure.badArgs(
          "wrong target version format, expected \"X.Y\", got " + GoStrings.quote(target));
    }
    if (major < MAJOR || (major == MAJOR && minor < OLDEST_MINOR)) {
      throw Failure.badArgs(
          "target version " + GoStrings.quote(target) + " not supported. Minimal \"3.5\"");
    }
    String version = major + "." + minor + ".0";
    if (major > MAJOR || minor > NEWEST_MINOR) {
      throw Failure.error(
          "cannot create migration plan: version "
              + GoStrings.quote(version)
              + " is not supported");
    }
    Backend.Changes changes = new Backend.Changes();
    changes.meta.put(
        Backend.STORAGE_VERSION,
        minor == OLDEST_MINOR ? null : version.getBytes(StandardCharsets.UTF_8));
    try {
      Backend.rewrite(flags.string("data-dir"), changes);
    } catch (IOException e) {
      throw Failure.error(e.getMessage());
    }
    return ExitCode.SUCCESS;
  }

  private static int number(String text) {
    if (text.isEmpty() || text.length() > 4) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
