package io.etcdj.server.boot;

import io.etcdj.server.log.Log;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Turns writes away before the disk is full, and lets them in again when there is space.
 *
 * <p>A write that the log could not take would end the member: nobody can tell what of it is on the
 * disk. So the last of the space is left alone; reads go on, and nothing needs a restart. A look is
 * old as soon as somebody writes, so what was let in since counts as well, several times over: it
 * goes to the log and to the database, which writes whole pages.
 *
 * <pre>
 *   looks     400 MB left                                350 MB left
 *   writes               50 MB: 400 - 3 * 50 &gt; 48        20 MB: 350 - 3 * (50 + 20) &gt; 48
 * </pre>
 */
public final class DiskSpace {
  /** Space that is left for what is under way and for the database. */
  static final long RESERVE_BYTES = 48L << 20;

  /** Bytes on the disk, at most, for a byte that is written. */
  private static final long AMPLIFICATION = 3;

  /** With less space than this, a second is long: others may take all of it meanwhile. */
  private static final long CLOSELY_WATCHED_BYTES = 4L << 30;

  private static final long CLOSE_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** One file system. */
  interface Store {
    long usableBytes() throws IOException;
  }

  private final List<Store> stores;
  private final LongSupplier nanoClock;
  private final Log log;

  /** Bytes let in since the last look. */
  private final AtomicLong admitted = new AtomicLong();

  /** Bytes let in between the last two looks: some of them may not be on the disk yet. */
  private volatile long admittedBefore;

  private volatile long usable = Long.MAX_VALUE;
  private volatile long lookedNanos;
  private volatile boolean low;

  /** For directories that exist or will be made. */
  static DiskSpace of(Path dataDirectory, Path walDirectory, Log log) throws IOException {
    return new DiskSpace(
        List.of(store(dataDirectory)::getUsableSpace, store(walDirectory)::getUsableSpace),
        System::nanoTime,
        log);
  }

  private static FileStore store(Path directory) throws IOException {
    Path at = directory.toAbsolutePath();
    for (Path parent = at.getParent(); parent != null && !Files.exists(at); ) {
      at = parent;
      parent = at.getParent();
    }
    return Files.getFileStore(at);
  }

  DiskSpace(List<Store> stores, LongSupplier nanoClock, Log log) {
    this.nanoClock = nanoClock;
    this.stores = List.copyOf(stores);
    this.log = log;
    look();
  }

  /** Whether a write of this size must wait for space. Any thread. */
  public boolean refuses(long bytes) {
    if (usable < CLOSELY_WATCHED_BYTES && nanoClock.getAsLong() - lookedNanos > CLOSE_LOOK_NANOS) {
      judge();
    }
    if (low) {
      return true;
    }
    long under = admitted.addAndGet(bytes) + admittedBefore;
    return usable - AMPLIFICATION * under < RESERVE_BYTES;
  }

  /** Whether there is space for what is only convenient, as of now. Any thread. */
  public boolean hasRoom() {
    return !low && usableNow() > 2 * RESERVE_BYTES;
  }

  /** Looks at the disk; called every second. */
  void look() {
    long before = admitted.getAndSet(0);
    judge();
    admittedBefore = before;
  }

  private synchronized void judge() {
    lookedNanos = nanoClock.getAsLong();
    usable = usableNow();
    boolean nowLow = usable < RESERVE_BYTES;
    if (nowLow && !low) {
      log.error("disk is almost full: writes are refused", "reserve-bytes", RESERVE_BYTES);
    } else if (!nowLow && low) {
      log.info("disk has space again: writes are accepted");
    }
    low = nowLow;
  }

  private long usableNow() {
    long least = Long.MAX_VALUE;
    for (Store store : stores) {
      try {
        least = Math.min(least, store.usableBytes());
      } catch (IOException e) {
        // what cannot be looked at says nothing
      }
    }
    return least;
  }
}
