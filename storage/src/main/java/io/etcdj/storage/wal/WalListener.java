package io.etcdj.storage.wal;

/** Hears how long the disk took; called by the thread that writes, so it must be quick. */
public interface WalListener {
  /** For nobody. */
  WalListener NONE =
      new WalListener() {
        @Override
        public void written(long bytes, long nanos) {}

        @Override
        public void synced(long nanos) {}
      };

  /** One write call handed this many bytes to the operating system. */
  void written(long bytes, long nanos);

  /** One fdatasync of the log. */
  void synced(long nanos);
}
