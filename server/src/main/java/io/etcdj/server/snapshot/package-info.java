/**
 * Snapshots on their way: the whole database as one file, sent to a member that is too far behind
 * for the log, and put in the place of what it had.
 *
 * <p>The file is Go etcd's, so that members of both kinds understand each other. It is always of
 * one moment, and says itself up to which log index it goes.
 */
@NullMarked
package io.etcdj.server.snapshot;

import org.jspecify.annotations.NullMarked;
