package io.etcdj.state.mvcc;

/**
 * One key changed: a put or a delete at a revision.
 *
 * @param key the key
 * @param main the transaction's revision
 * @param sub place within the transaction
 * @param deleted whether it is a tombstone
 * @param keyValue the stored {@code mvccpb.KeyValue}; of a tombstone it has only the key
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Change(byte[] key, long main, long sub, boolean deleted, byte[] keyValue) {}
