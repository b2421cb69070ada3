/**
 * The multi-version store: every key at every revision since the last compaction.
 *
 * <p>Two structures, one order. The {@link io.etcdj.storage.backend.Backend backend} holds the
 * values by revision; the key index ({@link KeyIndex}, published as {@link KeyTree}) tells which
 * revision a key had when. A write adds one main revision, whatever it changes:
 *
 * <pre>
 *   put a=1              2_0: a=1             index  a: 2_0
 *   txn put b=1, del a   3_0: b=1  3_1t: a    index  a: 2_0 3_1t   b: 3_0
 *   get a                nothing; at revision 2: a=1
 *   compact 3            2_0 goes             index  a: 3_1t       b: 3_0
 * </pre>
 *
 * <p>One thread writes ({@link MvccStore}); readers take a {@link Snapshot} and never wait for it.
 * The order that makes this safe is told there.
 */
@NullMarked
package io.etcdj.state.mvcc;

import org.jspecify.annotations.NullMarked;
