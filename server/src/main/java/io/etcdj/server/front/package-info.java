/**
 * The front: everything that a client can reach, on as few ports as the operator likes.
 *
 * <p>{@link io.etcdj.server.front.Listeners} opens the sockets; {@link io.etcdj.server.front.Front}
 * decides for each request whether it is gRPC ({@code .grpc}), JSON ({@code .json}) or plain HTTP
 * ({@code .http}). All of them end in the calls of {@code .rpc}, which is all that the services
 * behind the front know.
 */
@NullMarked
package io.etcdj.server.front;

import org.jspecify.annotations.NullMarked;
