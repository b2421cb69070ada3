/**
 * Snapshots on their way: the whole database, sent to a member that is too far behind for the log,
 * and put in the place of what it had.
 *
 * <p>A member of Go etcd gets its kind of file, a member of our own the bare rows, straight from
 * the database. Either is of one moment, and says itself up to which log index it goes.
 */
@NullMarked
package io.etcdj.server.snapshot;

import org.jspecify.annotations.NullMarked;
