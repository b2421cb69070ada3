package io.etcdj.storage.wal;

import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * What a log may be told.
 *
 * @param segmentBytes a segment that has reached this size is cut
 * @param sync false gives up durability for speed: nothing is ever synced ({@code
 *     --unsafe-no-fsync})
 * @param preparer runs what is done ahead of time; a simulation runs it in place, or whenever it
 *     likes
 * @param room whether the disk has space to spare for what only saves time later
 * @param listener hears timings
 */
public record WalOptions(
    long segmentBytes,
    boolean sync,
    Executor preparer,
    BooleanSupplier room,
    WalListener listener) {
  /** The size that etcd cuts at; decimal. */
  public static final long SEGMENT_BYTES = 64_000_000;

  /** Durable, as etcd sizes it, with a short-lived thread per segment to prepare. */
  public static WalOptions standard() {
    return new WalOptions(
        SEGMENT_BYTES, true, WalOptions::inBackground, () -> true, WalListener.NONE);
  }

  public WalOptions withSegmentBytes(long segmentBytes) {
    return new WalOptions(segmentBytes, sync, preparer, room, listener);
  }

  public WalOptions withSync(boolean sync) {
    return new WalOptions(segmentBytes, sync, preparer, room, listener);
  }

  public WalOptions withPreparer(Executor preparer) {
    return new WalOptions(segmentBytes, sync, preparer, room, listener);
  }

  public WalOptions withRoom(BooleanSupplier room) {
    return new WalOptions(segmentBytes, sync, preparer, room, listener);
  }

  public WalOptions withListener(WalListener listener) {
    return new WalOptions(segmentBytes, sync, preparer, room, listener);
  }

  private static void inBackground(Runnable task) {
    Thread thread = new Thread(task, "wal-prepare");
    thread.setDaemon(true);
    thread.start();
  }
}
