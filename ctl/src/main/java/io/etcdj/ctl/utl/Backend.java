package io.etcdj.ctl.utl;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.storage.bolt.BoltBucket;
import io.etcdj.storage.bolt.BoltReader;
import io.etcdj.storage.bolt.BoltWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What etcdutl knows of a backend: its buckets, revisions and hashes. */
final class Backend {
  static final String KEY = "key";
  static final String META = "meta";
  static final String STORAGE_VERSION = "storageVersion";
  static final String SCHEDULED_COMPACT = "scheduledCompactRev";
  static final String FINISHED_COMPACT = "finishedCompactRev";

  private static final int REVISION_BYTES = 17;

  private Backend() {}

  /** A point in the history, and whether a key died there. */
  record Revision(long main, long sub, boolean tombstone) {
    static Revision of(ByteBuffer key) {
      return new Revision(
          key.getLong(key.position()),
          key.getLong(key.position() + 9),
          key.remaining() > REVISION_BYTES);
    }
  }

  /** The key under which revision {@code (main, 0)} is stored. */
  static byte[] revisionKey(long main) {
    return ByteBuffer.allocate(REVISION_BYTES).putLong(main).put((byte) '_').putLong(0).array();
  }

  static BoltReader open(String file) throws IOException {
    try {
      return BoltReader.open(Path.of(file));
    } catch (NoSuchFileException e) {
      throw missing(file);
    }
  }

  static Failure missing(String file) {
    return new Failure(ExitCode.ERROR, "open " + file + ": no such file or directory");
  }

  static ByteString userKey(ByteBuffer value) throws IOException {
    try {
      return KeyValue.parseFrom(value.duplicate()).getKey();
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("malformed key-value record: " + e.getMessage(), e);
    }
  }

  /** A revision noted in the meta bucket, or -1, with which etcd says that there is none. */
  static long metaRevision(BoltReader file, String name) throws IOException {
    BoltBucket meta = file.bucket(META);
    byte[] value = meta == null ? null : meta.get(name.getBytes(StandardCharsets.UTF_8));
    return value == null ? -1 : ByteBuffer.wrap(value).getLong();
  }

  static @Nullable String storageVersion(BoltReader file) throws IOException {
    BoltBucket meta = file.bucket(META);
    byte[] value = meta == null ? null : meta.get(STORAGE_VERSION.getBytes(StandardCharsets.UTF_8));
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  /** The greatest revision in the history, or 1, which is that of an empty store. */
  static long latestRevision(BoltReader file) throws IOException {
    long[] latest = {1};
    BoltBucket keys = file.bucket(KEY);
    if (keys != null) {
      keys.forEach((key, value) -> latest[0] = Math.max(latest[0], Revision.of(key).main()));
    }
    return latest[0];
  }

  record HashKv(long hash, long hashRevision, long compactRevision) {}

  /** The hash that members compare: of the history up to {@code revision}, or all of it if 0. */
  static HashKv hashKv(BoltReader file, long revision) throws IOException {
    long compacted =
        Math.max(metaRevision(file, FINISHED_COMPACT), metaRevision(file, SCHEDULED_COMPACT));
    long latest = Math.max(latestRevision(file), compacted);
    long upTo = revision == 0 ? latest : revision;
    if (upTo < compacted) {
      throw new IOException("mvcc: required revision has been compacted");
    }
    if (upTo > latest) {
      throw new IOException("mvcc: required revision is a future revision");
    }
    CRC32C crc = new CRC32C();
    crc.update(KEY.getBytes(StandardCharsets.UTF_8));
    BoltBucket keys = file.bucket(KEY);
    if (keys != null) {
      Map<ByteString, Revision> newest = new HashMap<>();
      keys.forEach(
          (key, value) -> {
            if (Revision.of(key).main() <= upTo) {
              newest.put(userKey(value), Revision.of(key));
            }
          });
      keys.forEach(
          (key, value) -> {
            Revision at = Revision.of(key);
            // Below the compacted revision only what is still current counts: the rest may or may
            // not have been deleted yet.
            boolean gone =
                at.main() <= compacted
                    && (at.tombstone() || !at.equals(newest.get(userKey(value))));
            if (at.main() <= upTo && !gone) {
              crc.update(key.duplicate());
              crc.update(value.duplicate());
            }
          });
    }
    return new HashKv(crc.getValue(), upTo, compacted);
  }

  /** Changes that are made while a file is copied. */
  static final class Changes {
    /** Buckets to begin anew with these pairs, whatever they hold in the original. */
    final Map<String, Map<String, byte[]>> replaced = new HashMap<>();

    /** New values in the meta bucket; null removes. */
    final Map<String, byte @Nullable []> meta = new HashMap<>();

    /** The last key of the history, to be added behind all others, or null. */
    byte @Nullable [] lastKey;
  }

  /** Copies a file into a new one with full pages, making the changes on the way. */
  static void copy(BoltReader from, Path to, Changes changes) throws IOException {
    TreeMap<String, Boolean> names = new TreeMap<>();
    for (String name : from.buckets()) {
      names.put(name, true);
    }
    for (String name : changes.replaced.keySet()) {
      names.put(name, true);
    }
    if (!changes.meta.isEmpty()) {
      names.put(META, true);
    }
    try (BoltWriter out = BoltWriter.create(to)) {
      for (String name : names.keySet()) {
        out.bucket(name);
        Map<String, byte[]> replacement = changes.replaced.get(name);
        if (replacement != null) {
          for (Map.Entry<String, byte[]> pair : new TreeMap<>(replacement).entrySet()) {
            out.put(pair.getKey().getBytes(StandardCharsets.UTF_8), pair.getValue());
          }
        } else if (name.equals(META)) {
          copyMeta(from.bucket(name), out, changes.meta);
        } else {
          BoltBucket bucket = from.bucket(name);
          if (bucket != null) {
            bucket.forEach(out::put);
          }
          byte[] last = changes.lastKey;
          if (name.equals(KEY) && last != null) {
            out.put(last, new byte[0]);
          }
        }
      }
      out.finish();
    }
  }

  private static void copyMeta(
      @Nullable BoltBucket bucket, BoltWriter out, Map<String, byte @Nullable []> changes)
      throws IOException {
    TreeMap<String, byte[]> pairs = new TreeMap<>();
    if (bucket != null) {
      bucket.forEach(
          (key, value) -> {
            byte[] bytes = new byte[value.remaining()];
            value.duplicate().get(bytes);
            pairs.put(StandardCharsets.UTF_8.decode(key.duplicate()).toString(), bytes);
          });
    }
    for (Map.Entry<String, byte @Nullable []> change : changes.entrySet()) {
      byte[] value = change.getValue();
      if (value == null) {
        pairs.remove(change.getKey());
      } else {
        pairs.put(change.getKey(), value);
      }
    }
    for (Map.Entry<String, byte[]> pair : pairs.entrySet()) {
      out.put(pair.getKey().getBytes(StandardCharsets.UTF_8), pair.getValue());
    }
  }

  /** Rewrites a member's backend in place: the old file stands until the new one is complete. */
  static void rewrite(String dataDirectory, Changes changes) throws IOException {
    Path db = Path.of(dataDirectory, "member", "snap", "db");
    Path fresh = db.resolveSibling("db.tmp");
    try (BoltReader from = open(db.toString())) {
      copy(from, fresh, changes);
    }
    Files.move(fresh, db, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
