/**
 * What a call is, whatever wire it came over.
 *
 * <p>A service is a list of {@link io.etcdj.server.front.rpc.Rpc}s: name, request type and handler.
 * The gRPC layer and the JSON gateway both turn what arrives into a {@link
 * io.etcdj.server.front.rpc.Call} and hand it to the same handler; {@link
 * io.etcdj.server.front.rpc.ServerCall} is what the two have in common: one end per call whoever
 * brings it about (the answer, the client's going, the deadline, the server's stop), and the
 * metrics.
 *
 * <p>Every call belongs to one event loop. Answers from another thread are cheap only in batches:
 * see {@link io.etcdj.server.front.rpc.Completions}.
 */
@NullMarked
package io.etcdj.server.front.rpc;

import org.jspecify.annotations.NullMarked;
