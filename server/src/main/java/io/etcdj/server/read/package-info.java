/**
 * Linearizable reads: from "may I read?" to "everything acknowledged before is visible".
 *
 * <p>Reads that arrive while a ReadIndex round is under way share the next one; when the round is
 * answered they wait until the member has applied up to its index (Raft thesis §6.4).
 */
@NullMarked
package io.etcdj.server.read;

import org.jspecify.annotations.NullMarked;
