package io.etcdj.storage.disk;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Keeps the newest files of a kind, where the names sort by age. */
public final class Retention {
  private Retention() {}

  /**
   * Deletes the oldest files whose names end in {@code suffix} until {@code count} are left, but
   * only some of many: what goes at once holds up every sync on the same disk. Stops at the first
   * that somebody has locked: it is in use, and so are the younger ones.
   *
   * @param count 0 keeps all
   * @param few how many go now, or an eighth of what is too many if that is more
   * @return the names that are gone
   */
  public static List<String> keepNewest(
      Disk disk, Path directory, String suffix, int count, int few) throws IOException {
    List<String> names =
        disk.list(directory).stream().filter(name -> name.endsWith(suffix)).toList();
    List<String> gone = new ArrayList<>();
    int surplus = count == 0 ? 0 : Math.max(0, names.size() - count);
    for (String name : names.subList(0, Math.min(surplus, Math.max(few, surplus / 8)))) {
      Path path = directory.resolve(name);
      if (disk.isLockedHere(path)) {
        return gone;
      }
      try (DiskFile file = disk.open(path, Disk.Mode.WRITE)) {
        if (!file.tryLock()) {
          return gone;
        }
        disk.delete(path);
        gone.add(name);
      } catch (NoSuchFileException e) {
        // somebody else was faster
      }
    }
    return gone;
  }
}
