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
import org.jspecify.annotations.Nullable;

/**
 * Writes a bbolt file once, from the first pair to the last, with memory for a few pages.
 *
 * <pre>
 *   try (BoltWriter file = BoltWriter.create(path)) {
 *     file.bucket("key");      buckets in the order of their names,
 *     file.put(key, value);    pairs in the order of their keys
 *     file.finish();           without this, close deletes the file
 *   }
 * </pre>
 *
 * <p>Pages are full, and the metas, which come first in the file, are written last: a file that was
 * cut short has none and is nothing. The free list is written and empty, so that whoever opens the
 * file need not walk through it first.
 */
public final class BoltWriter implements Closeable {
  private static final long FREELIST_PAGE = 2;

  private final Disk disk;
  private final Path path;
  private final DiskFile file;
  private final PageOutput out;
  private final TreeBuilder root;
  private @Nullable String bucketName;
  private @Nullable TreeBuilder bucket;
  private boolean finished;

  private BoltWriter(Disk disk, Path path, DiskFile file) throws IOException {
    this.disk = disk;
    this.path = path;
    this.file = file;
    this.out = new PageOutput(file, FREELIST_PAGE);
    this.root = new TreeBuilder(out, Format.BUCKET_FLAG);
    out.begin(Format.FREELIST, 0, Format.PAGE_HEADER);
  }

  public static BoltWriter create(Path path) throws IOException {
    return create(new FileDisk(), path);
  }

  /** Begins a file; one of that name is replaced. */
  public static BoltWriter create(Disk disk, Path path) throws IOException {
    DiskFile file = disk.open(path, Disk.Mode.CREATE);
    try {
      return new BoltWriter(disk, path, file);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Begins a bucket; it may stay empty. */
  public void bucket(String name) throws IOException {
    endBucket();
    bucketName = name;
    bucket = new TreeBuilder(out, 0);
  }

  public void put(byte[] key, byte[] value) throws IOException {
    put(ByteBuffer.wrap(key), ByteBuffer.wrap(value));
  }

  /** Adds what remains in the buffers and leaves them as they are. */
  public void put(ByteBuffer key, ByteBuffer value) throws IOException {
    if (bucket == null) {
      throw new IllegalStateException("a pair belongs into a bucket");
    }
    bucket.put(key, value);
  }

  /** Completes the file; it is on the disk when this returns. */
  public void finish() throws IOException {
    endBucket();
    long rootPage = root.finish();
    out.finish();
    file.sync(); // before the metas: they must not lead to pages that a power cut took
    long highWater = out.nextPage();
    for (int page = 0; page < FREELIST_PAGE; page++) {
      file.write(meta(page, rootPage, highWater), (long) page * PageOutput.PAGE_BYTES);
    }
    file.sync();
    finished = true;
  }

  @Override
  public void close() throws IOException {
    file.close();
    if (!finished) {
      disk.delete(path);
    }
  }

  private void endBucket() throws IOException {
    if (bucket == null || bucketName == null) {
      return;
    }
    byte[] value = bucket.inline();
    if (value == null) {
      ByteBuffer header = ByteBuffer.allocate(Format.BUCKET_HEADER).order(ByteOrder.LITTLE_ENDIAN);
      value = header.putLong(bucket.finish()).putLong(0).array();
    }
    root.put(ByteBuffer.wrap(bucketName.getBytes(UTF_8)), ByteBuffer.wrap(value));
    bucket = null;
  }

  /** Both metas lead to the same root, each under the transaction that its page stands for. */
  private static ByteBuffer meta(int page, long root, long highWater) {
    ByteBuffer bytes = ByteBuffer.allocate(PageOutput.PAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(page).putShort((short) Format.META).putShort((short) 0).putInt(0);
    bytes.putInt(Format.MAGIC).putInt(Format.VERSION).putInt(PageOutput.PAGE_BYTES).putInt(0);
    bytes.putLong(root).putLong(0); // the root bucket and its sequence
    bytes.putLong(FREELIST_PAGE).putLong(highWater).putLong(page);
    bytes.putLong(Format.checksum(bytes, Format.PAGE_HEADER));
    return bytes.rewind();
  }
}
