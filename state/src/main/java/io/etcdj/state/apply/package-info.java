/**
 * Apply: from a committed log entry to a change of state and an answer.
 *
 * <p>Everything here must come out the same on every member: no clock, no randomness, no sockets.
 * Protobuf messages stop in this package; below are records and byte strings.
 *
 * <pre>
 *   entry 12  put(a=1, lease 7)     the {@link io.etcdj.state.apply.Applier} checks the lease,
 *                                   writes 5_0, binds a to 7, answers revision 5
 *   entry 13  leaseRevoke(7)        deletes a at 6_0, answers revision 6
 * </pre>
 */
@NullMarked
package io.etcdj.state.apply;

import org.jspecify.annotations.NullMarked;
