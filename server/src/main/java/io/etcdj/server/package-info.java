/**
 * The process: all that is impure.
 *
 * <p>Sockets, threads, clocks, files and flags live here, around a state machine and a Raft core
 * that know none of them. {@link io.etcdj.server.Main} reads the flags; {@link
 * io.etcdj.server.boot} builds the rest.
 */
@NullMarked
package io.etcdj.server;

import org.jspecify.annotations.NullMarked;
