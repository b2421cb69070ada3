package io.etcdj.storage.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Keeps the newest files of a kind, where the names sort by age. */
public final class Retention {
  private Retention() {}

  /**
   * Deletes the oldest files whose names end in {@code suffix} until {@code count} are left, or
   * {@code most} are gone: many that go at once hold up every sync on the same disk. Stops at the
   * first that somebody has locked: it is in use, and so are the younger ones.
   *
   * @param count 0 keeps all
   * @return the names that are gone
   */
  public static List<String> keepNewest(
      Disk disk, Path directory, String suffix, int count, int most) throws IOException {
    List<String> names =
        disk.list(directory).stream().filter(name -> name.endsWith(suffix)).toList();
    List<String> gone = new ArrayList<>();
    int surplus = count == 0 ? 0 : Math.max(0, names.size() - count);
    for (String name : names.subList(0, Math.min(surplus, most))) {
      Path path = directory.resolve(name);
      try (DiskFile file = disk.open(path, Disk.Mode.WRITE)) {
        if (!file.tryLock()) {
          return gone;
        }
        disk.delete(path);
        gone.add(name);
      }
    }
    return gone;
  }
}
