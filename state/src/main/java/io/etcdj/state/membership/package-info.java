/**
 * Membership: who is in the cluster, under which id, and which version the cluster speaks.
 *
 * <p>Ids are digests of peer URLs ({@link io.etcdj.state.membership.MemberIds}), so every member
 * computes the same ones from its flags. Changes come through the log and are kept in the backend
 * as etcd keeps them: one JSON text per member.
 */
@NullMarked
package io.etcdj.state.membership;

import org.jspecify.annotations.NullMarked;
