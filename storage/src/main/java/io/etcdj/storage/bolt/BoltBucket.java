package io.etcdj.storage.bolt;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A bucket of a file: pairs in the order of their keys. */
public final class BoltBucket {
  private final BoltReader reader;
  private final long root;

  /** The page image of a bucket that is small enough to live in its parent; else null. */
  private final byte @Nullable [] inline;

  BoltBucket(BoltReader reader, long root, byte @Nullable [] inline) {
    this.reader = reader;
    this.root = root;
    this.inline = inline;
  }

  /** Takes a pair; the buffers are only good during the call. */
  @FunctionalInterface
  public interface PairConsumer {
    void accept(ByteBuffer key, ByteBuffer value) throws IOException;
  }

  public BoltCursor cursor() {
    return new BoltCursor(reader, this);
  }

  /** All pairs in order. */
  public void forEach(PairConsumer consumer) throws IOException {
    BoltCursor cursor = cursor();
    for (boolean there = cursor.first(); there; there = cursor.next()) {
      if (cursor.isBucket()) {
        throw BoltException.at(cursor.page(), "a bucket inside of a bucket, which etcd has not");
      }
      consumer.accept(cursor.key(), cursor.value());
    }
  }

  /** The value of one key, or null. */
  public byte @Nullable [] get(byte[] key) throws IOException {
    BoltCursor cursor = cursor();
    if (!cursor.seek(key) || !cursor.key().equals(ByteBuffer.wrap(key))) {
      return null;
    }
    byte[] value = new byte[cursor.value().remaining()];
    cursor.value().get(value);
    return value;
  }

  void loadRoot(Node into) throws IOException {
    if (inline != null) {
      into.loadInline(root, inline);
    } else {
      reader.load(into, root, true);
    }
  }
}
