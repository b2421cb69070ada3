package io.etcdj.storage.wal;

import java.util.concurrent.Executor;

/**
 * What a log may be told.
 *
 * @param segmentBytes a segment that has reached this size is cut
 * @param sync false gives up durability for speed: nothing is ever synced ({@code
 *     --unsafe-no-fsync})
 * @param preparer runs the preparation of the next segment; a simulation runs it in place
 * @param listener hears timings
 */
public record WalOptions(long segmentBytes, boolean sync, Executor preparer, WalListener listener) {
  /** The size that etcd cuts at; decimal. */
  public static final long SEGMENT_BYTES = 64_000_000;

  /** Durable, as etcd sizes it, with a short-lived thread per segment to prepare. */
  public static WalOptions standard() {
    return new WalOptions(SEGMENT_BYTES, true, WalOptions::inBackground, WalListener.NONE);
  }

  public WalOptions withSegmentBytes(long segmentBytes) {
    return new WalOptions(segmentBytes, sync, preparer, listener);
  }

  public WalOptions withSync(boolean sync) {
    return new WalOptions(segmentBytes, sync, preparer, listener);
  }

  public WalOptions withPreparer(Executor preparer) {
    return new WalOptions(segmentBytes, sync, preparer, listener);
  }

  public WalOptions withListener(WalListener listener) {
    return new WalOptions(segmentBytes, sync, preparer, listener);
  }

  private static void inBackground(Runnable task) {
    Thread thread = new Thread(task, "wal-prepare");
    thread.setDaemon(true);
    thread.start();
  }
}
