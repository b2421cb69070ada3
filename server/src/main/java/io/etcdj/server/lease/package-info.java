/**
 * Time for leases: deadlines, renewal and expiry.
 *
 * <p>Only the leader keeps deadlines ({@link io.etcdj.server.lease.LeaseClock}); what it finds
 * expired it revokes through the log, so that every member deletes the keys at the same revision.
 */
@NullMarked
package io.etcdj.server.lease;

import org.jspecify.annotations.NullMarked;
