/**
 * Leases: which keys die together.
 *
 * <p>{@link io.etcdj.state.lease.Leases} holds only what every member agrees on. Deadlines live on
 * the leader, because clocks differ; expiry arrives here as an ordinary revoke.
 */
@NullMarked
package io.etcdj.state.lease;

import org.jspecify.annotations.NullMarked;
