/**
 * Clusters of real processes on this machine, ours and the original in any mixture, and what can be
 * done to them: SIGKILL, SIGSTOP, restarts, membership changes, and links that are cut, stalled or
 * slow.
 *
 * <pre>
 *   try (Cluster cluster = Cluster.start(directory, Lineup.ours(3))) {
 *     Member leader = cluster.awaitLeader();
 *     cluster.network().isolate(leader.name());
 *     ...
 *     cluster.network().heal();
 *   }
 * </pre>
 *
 * <p>Members advertise the address of a proxy of ours ({@link io.etcdj.proof.cluster.Network}), so
 * all traffic among them goes through it; clients connect directly.
 */
@NullMarked
package io.etcdj.proof.cluster;

import org.jspecify.annotations.NullMarked;
