/**
 * Snapshot files, as etcd names and writes them.
 *
 * <p>A {@code .snap} file holds a Raft snapshot under a CRC: which configuration, index and term,
 * and the v2 store as JSON. The keys are not in it; they are in the backend beside it, or, while a
 * leader's copy is on its way in, in a {@code .snap.db} file named after the same index.
 *
 * <pre>
 *   0000000000000002-0000000000000066.snap   term 2, index 102
 *   0000000000000066.snap.db                 the keys as of index 102, not yet in use
 *   db                                       the keys
 * </pre>
 */
@NullMarked
package io.etcdj.storage.snap;

import org.jspecify.annotations.NullMarked;
