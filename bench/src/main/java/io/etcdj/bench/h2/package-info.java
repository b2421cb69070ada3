/**
 * A gRPC client that costs next to nothing: frames written by hand into one buffer per flush.
 *
 * <p>A load generator shares its machine with the server that it measures, so whatever it spends is
 * taken from the result. A request is one copy of prepared bytes behind a header block of a few
 * bytes; an answer is a table look-up for its trailers. There are no objects per stream but the
 * caller's own {@link io.etcdj.bench.h2.Call}, which may be used again when it has ended.
 *
 * <p>{@link io.etcdj.bench.h2.Connection} keeps HTTP/2's rules (RFC 9113: windows, settings, pings,
 * stream limits); HPACK itself is Netty's. Everything here is confined to the connection's event
 * loop.
 */
@NullMarked
package io.etcdj.bench.h2;

import org.jspecify.annotations.NullMarked;
