/**
 * gRPC over one blocking socket: all the network that etcdctl needs.
 *
 * <p>A command-line client lives for a few milliseconds, so what counts is how little has to be
 * loaded before the first byte leaves. Hence no event loop and no library: from the bottom up,
 *
 * <ul>
 *   <li>{@link Transport} moves bytes (TCP, TLS or a unix socket) and knows read timeouts;
 *   <li>{@link Hpack} compresses and expands header lists (RFC 7541);
 *   <li>{@link Http2Connection} cuts the bytes into frames and owns the flow control (RFC 9113);
 *   <li>{@link GrpcCall} is one call of any shape: unary, server stream or both ways;
 *   <li>{@link Channel} picks an endpoint, fails over to the next one and adds the auth token.
 * </ul>
 *
 * <p>There is no background thread. Whoever waits for an answer reads the socket and hands frames
 * for other calls to their owners, so that nothing is read ahead of its consumer: back-pressure is
 * TCP's own, and the process can exit at any moment.
 */
@NullMarked
package io.etcdj.ctl.rpc;

import org.jspecify.annotations.NullMarked;
