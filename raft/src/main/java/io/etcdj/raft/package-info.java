/**
 * The agreement: the Raft core as a pure state machine, with etcd's messages.
 *
 * <p>{@link RaftCore} is told what happens (a tick, a message, a proposal) and says in a {@link
 * Ready} what is to be done (save, send, apply). It owns no thread, no clock, no disk and no
 * socket, and draws random numbers only from the source it is given: a whole cluster can run in one
 * test, and each run can be repeated.
 *
 * <p>In reading order: {@link RaftCore} (the rules), {@link RaftLog} over {@link Unstable} and
 * {@link LogStorage} (one log, saved and not yet saved), {@link Tracker} with a {@link Progress}
 * and its {@link Inflights} per member (what a leader knows of the others), {@link Majority} and
 * {@link JointMajority} (who decides), {@link ConfChanger} (how that changes), {@link ReadOnly}
 * (linearizable reads). {@link MemoryLog} is the log for the core to read, with {@link
 * OlderEntries} behind it.
 */
@NullMarked
package io.etcdj.raft;

import org.jspecify.annotations.NullMarked;
