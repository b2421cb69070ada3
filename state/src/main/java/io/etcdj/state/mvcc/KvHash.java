package io.etcdj.state.mvcc;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.BackendCorruptException;
import io.etcdj.storage.backend.RevisionKeys;
import io.etcdj.storage.backend.Table;
import java.util.zip.CRC32C;

/**
 * etcd's hash of the key-value history, equal on members that agree.
 *
 * <p>CRC-32C over the word "key" and then key and value of each stored revision in order. Of the
 * revisions at or below the last compaction only those count that are still the latest of their key
 * at the hashed revision, so that the answer does not depend on how far the removal has come; a
 * tombstone exactly at the compaction does not count, because older releases remove it. When no key
 * is left at the hashed revision, etcd counts whatever is stored: what a finished compaction
 * leaves, which are the latest of their key at the compaction.
 *
 * @param hash the checksum, 32 bits unsigned
 * @param hashRevision the revision it covers
 * @param compactRevision the last compaction when it was made
 * @param revision the store's revision when it was made
 */
public record KvHash(int hash, long hashRevision, long compactRevision, long revision) {

  static KvHash of(
      KeyTree tree, Backend.KeyView rows, long hashRevision, long compactRevision, long revision) {
    boolean anyKept = !tree.visit(new byte[0], null, hashRevision, (key, main, sub) -> false);
    long keptAt = anyKept ? hashRevision : compactRevision;
    CRC32C crc = new CRC32C();
    crc.update(Table.KEY.bucket().getBytes(US_ASCII));
    rows.scan(
        0,
        (main, sub, tombstone, value) -> {
          if (main > hashRevision) {
            return false;
          }
          if (main <= compactRevision
              && (tombstone || !tree.isKept(keyOf(value), main, sub, keptAt))) {
            return true;
          }
          crc.update(RevisionKeys.encode(main, sub, tombstone));
          crc.update(value);
          return true;
        });
    return new KvHash((int) crc.getValue(), hashRevision, compactRevision, revision);
  }

  private static byte[] keyOf(byte[] value) {
    try {
      return KeyValue.parseFrom(value).getKey().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new BackendCorruptException("stored value is no KeyValue: " + e.getMessage());
    }
  }
}
