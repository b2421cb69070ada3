/**
 * The store of the v2 API: a tree of files and directories, as etcd had it before revisions.
 *
 * <p>Every member keeps it, whether or not it serves it, and all keep the same: what a write comes
 * to depends on the log alone. Time comes in with the commands: an expiry is an absolute time that
 * the proposer set, and what is due is removed by a SYNC that carries the leader's time.
 *
 * <pre>
 *   set     /1/a = x         index 4   a: x, created and modified at 4
 *   update  /1/a = y         index 5   a: y, created at 4, modified at 5
 *   set     /1/a = z         index 6   a: z, created and modified at 6
 *   delete  /1/a             index 7   nothing; watchers are told what was there
 * </pre>
 *
 * <p>{@link io.etcdj.state.v2.V2Store} holds the tree, the last thousand events and the watchers.
 * Keys of clients are below {@code /1}. What is below {@code /0}, the members, is kept elsewhere by
 * this release; its writes only count ({@link io.etcdj.state.v2.V2Store#skip}), so that indexes are
 * the same as those of members that keep it here.
 */
@NullMarked
package io.etcdj.state.v2;

import org.jspecify.annotations.NullMarked;
