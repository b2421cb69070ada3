/**
 * The server's own log.
 *
 * <p>Lines look exactly like the original's, because scripts, test suites and log shippers read
 * them: one JSON object per line, {@code level}, {@code ts}, {@code caller} and {@code msg} first,
 * then the fields in the order given. A {@link io.etcdj.server.log.Log} turns a call into one line
 * of bytes on the caller's thread; a {@link io.etcdj.server.log.LineWriter} owns the outputs and
 * writes them from a thread of its own, so that a full pipe never holds up consensus.
 */
@NullMarked
package io.etcdj.server.log;

import org.jspecify.annotations.NullMarked;
