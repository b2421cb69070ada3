/**
 * The member loop: the one thread that owns the Raft core.
 *
 * <p>{@link io.etcdj.server.member.MemberLoop} is a plain object that steps the core and carries
 * out what it asks for; disk, network and the apply queue are given to it, so that a simulation can
 * drive it with its own. {@link io.etcdj.server.member.MemberThread} drives it in a process: it
 * collects what arrives, in a {@code ProposalQueue} and an {@code Inbox}, ticks, and sleeps while
 * there is nothing to do.
 */
@NullMarked
package io.etcdj.server.member;

import org.jspecify.annotations.NullMarked;
