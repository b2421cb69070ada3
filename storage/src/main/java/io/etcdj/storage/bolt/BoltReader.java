package io.etcdj.storage.bolt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.DiskFile;
import io.etcdj.storage.disk.FileDisk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a bbolt file that nobody is writing to, with a few megabytes whatever its size.
 *
 * <pre>
 *   try (BoltReader file = BoltReader.open(path)) {
 *     BoltBucket keys = file.bucket("key");   null if there is none
 *     keys.forEach((key, value) -> ...);
 *   }
 * </pre>
 *
 * <p>For one thread. The first look at a page checks it; the format has no checksum for data, so a
 * changed byte inside of a value is not seen here. Bytes behind the last page do not matter: a
 * snapshot's trailing digest may be there.
 */
public final class BoltReader implements Closeable {
  /** Page sizes of all systems that etcd runs on. */
  private static final int SMALLEST_PAGE = 1024;

  private static final int LARGEST_PAGE = 65536;

  private final DiskFile file;
  private final Pages pages;
  private final Meta meta;
  private final BoltBucket root;

  private record Meta(int pageBytes, long root, long highWater, long transaction) {}

  private BoltReader(DiskFile file) throws IOException {
    this.file = file;
    this.pages = new Pages(file);
    this.meta = newestMeta();
    this.root = new BoltBucket(this, meta.root, null);
  }

  public static BoltReader open(Path path) throws IOException {
    return open(new FileDisk(), path);
  }

  /**
   * Opens a file.
   *
   * @throws BoltException if it has no valid meta page
   */
  public static BoltReader open(Disk disk, Path path) throws IOException {
    DiskFile file = disk.open(path, Disk.Mode.READ);
    try {
      return new BoltReader(file);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** The names of all buckets in order. */
  public List<String> buckets() throws IOException {
    List<String> names = new ArrayList<>();
    BoltCursor cursor = root.cursor();
    for (boolean there = cursor.first(); there; there = cursor.next()) {
      checkIsBucket(cursor);
      names.add(UTF_8.decode(cursor.key()).toString());
    }
    return names;
  }

  /** The bucket of that name, or null. */
  public @Nullable BoltBucket bucket(String name) throws IOException {
    BoltCursor cursor = root.cursor();
    byte[] key = name.getBytes(UTF_8);
    if (!cursor.seek(key) || !cursor.key().equals(ByteBuffer.wrap(key))) {
      return null;
    }
    checkIsBucket(cursor);
    ByteBuffer value = cursor.value().order(ByteOrder.LITTLE_ENDIAN);
    if (value.remaining() < Format.BUCKET_HEADER) {
      throw BoltException.at(cursor.page(), "bucket " + name + " has no header");
    }
    long page = value.getLong(0);
    if (page != 0) {
      return new BoltBucket(this, page, null);
    }
    byte[] image = new byte[value.remaining() - Format.BUCKET_HEADER];
    value.get(Format.BUCKET_HEADER, image);
    return new BoltBucket(this, cursor.page(), image);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  void load(Node into, long page, boolean isRoot) throws IOException {
    into.load(pages, meta.pageBytes, meta.highWater, page, isRoot);
  }

  private static void checkIsBucket(BoltCursor cursor) throws BoltException {
    if (!cursor.isBucket()) {
      throw BoltException.at(cursor.page(), "a pair among the buckets");
    }
  }

  /** Two transactions take turns in writing metas: one may be torn, the other is then whole. */
  private Meta newestMeta() throws IOException {
    Meta first = metaAt(0, 0);
    Meta newest = first;
    // If the first is no help, the second may be wherever a page of some size ends.
    int smallest = first == null ? SMALLEST_PAGE : first.pageBytes;
    int largest = first == null ? LARGEST_PAGE : first.pageBytes;
    for (int size = smallest; size <= largest; size *= 2) {
      Meta second = metaAt(1, size);
      if (second != null
          && second.pageBytes == size
          && (newest == null || Long.compareUnsigned(second.transaction, newest.transaction) > 0)) {
        newest = second;
      }
    }
    if (newest == null) {
      throw new BoltException("neither page 0 nor page 1 is a valid meta: not a bbolt file");
    }
    return newest;
  }

  private @Nullable Meta metaAt(int page, int offset) throws IOException {
    int length = Format.PAGE_HEADER + Format.META_SIZE;
    if (offset + length > pages.fileBytes()) {
      return null;
    }
    byte[] bytes = new byte[length];
    pages.read(offset, bytes, length);
    ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int body = Format.PAGE_HEADER;
    int pageBytes = view.getInt(body + 8);
    boolean valid =
        view.getLong(0) == page
            && (view.getShort(8) & 0xffff) == Format.META
            && view.getInt(body) == Format.MAGIC
            && view.getInt(body + 4) == Format.VERSION
            && view.getLong(body + Format.META_BODY) == Format.checksum(view, body)
            && pageBytes >= SMALLEST_PAGE
            && pageBytes <= LARGEST_PAGE
            && Integer.bitCount(pageBytes) == 1;
    if (!valid) {
      return null;
    }
    long highWater = view.getLong(body + 40);
    if (highWater < 0 || highWater > Long.MAX_VALUE / LARGEST_PAGE) {
      throw BoltException.at(page, "claims " + Long.toUnsignedString(highWater) + " pages");
    }
    return new Meta(pageBytes, view.getLong(body + 16), highWater, view.getLong(body + 48));
  }
}
