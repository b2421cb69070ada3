/**
 * etcdutl: work on the files of a member that is not running.
 *
 * <p>{@link SnapshotCommand} looks into snapshot files and makes data directories of them ({@link
 * Restore}); the others hash, repack or re-label a backend. Files are bbolt's and etcd's, so that
 * Go etcd can go on with what is written here, and the other way round.
 */
@NullMarked
package io.etcdj.ctl.utl;

import org.jspecify.annotations.NullMarked;
