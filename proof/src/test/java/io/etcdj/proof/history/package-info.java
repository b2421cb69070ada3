/**
 * What clients saw, and whether it can have happened: pure checkers, without servers or clocks.
 *
 * <p>An {@link io.etcdj.proof.history.Operation} is one call with its time and its answer. Three
 * questions are asked of them, each without trusting the others:
 *
 * <ul>
 *   <li>{@link io.etcdj.proof.history.Linearizability}: is there, for each key, an order of all
 *       calls that agrees with time and with every answer?
 *   <li>{@link io.etcdj.proof.history.RevisionOrder}: do revisions grow with time, over all keys?
 *   <li>{@link io.etcdj.proof.history.Chronicle}: did every watcher see every event once and in
 *       order, and is what they saw what the calls did and read, revision by revision?
 * </ul>
 *
 * <p>The answer is a {@link io.etcdj.proof.history.Verdict}; "unknown" is never dressed up as a
 * success.
 */
@NullMarked
package io.etcdj.proof.history;

import org.jspecify.annotations.NullMarked;
