package io.etcdj.server.boot;

import io.etcdj.server.log.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Turns writes away before the disk is full, and lets them in again when there is space.
 *
 * <p>A write that the log could not take would end the member: nobody can tell what of it is on the
 * disk. So the last of the space is left alone; reads go on, and nothing needs a restart.
 */
public final class DiskSpace {
  /** Space that is left for what is under way and for the database. */
  static final long RESERVE_BYTES = 48L << 20;

  private final List<Path> directories;
  private final Log log;
  private volatile boolean low;

  DiskSpace(Path dataDirectory, Path walDirectory, Log log) {
    this.directories = List.of(dataDirectory, walDirectory);
    this.log = log;
    look();
  }

  /** Whether writes must wait for space. */
  public boolean isLow() {
    return low;
  }

  /** Looks at the disk; called every second. */
  void look() {
    boolean nowLow = false;
    try {
      for (Path directory : directories) {
        nowLow |= Files.getFileStore(directory).getUsableSpace() < RESERVE_BYTES;
      }
    } catch (IOException e) {
      return; // what cannot be looked at says nothing
    }
    if (nowLow && !low) {
      log.error("disk is almost full: writes are refused", "reserve-bytes", RESERVE_BYTES);
    } else if (!nowLow && low) {
      log.info("disk has space again: writes are accepted");
    }
    low = nowLow;
  }
}
