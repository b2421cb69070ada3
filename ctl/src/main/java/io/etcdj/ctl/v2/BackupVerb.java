package io.etcdj.ctl.v2;

import io.etcdj.ctl.cli.Failure;

/** {@code backup}: not there yet; says what to do instead. */
final class BackupVerb extends Verb {
  private static final Option[] OPTIONS = {
    Option.text("Path to the etcd data dir", "data-dir"),
    Option.text("Path to the etcd wal dir", "wal-dir"),
    Option.text("Path to the backup dir", "backup-dir"),
    Option.text("Path to the backup wal dir", "backup-wal-dir"),
    Option.onOff("Backup v3 backend data", "with-v3"),
  };

  BackupVerb() {
    super("backup", " ", "backup an etcd directory");
  }

  @Override
  Option[] options() {
    return OPTIONS;
  }

  @Override
  int run(Call call) {
    throw new Failure(
        ExitStatus.BAD_ARGUMENTS,
        "backup is not supported yet; for v3 keys there is \"etcdctl snapshot save\"");
  }
}
