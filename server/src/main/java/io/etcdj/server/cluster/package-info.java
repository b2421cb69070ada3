/**
 * What makes single members a cluster, beside the agreement itself: who the peers are and how they
 * are asked by HTTP, changes of members, the version that all speak, what a follower leaves to the
 * leader, and the search for members that have drifted apart.
 */
@NullMarked
package io.etcdj.server.cluster;

import org.jspecify.annotations.NullMarked;
