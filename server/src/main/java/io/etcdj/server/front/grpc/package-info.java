/**
 * gRPC over HTTP/2: framing, status trailers, timeouts, metadata and the care of connections.
 *
 * <p>gRPC is one page of framing over HTTP/2 (gRPC's PROTOCOL-HTTP2.md), and this is the hot path,
 * so it is ours: {@link io.etcdj.server.front.grpc.MessageReader} takes messages apart, {@link
 * io.etcdj.server.front.grpc.GrpcCall} is one stream, {@link io.etcdj.server.front.grpc.GrpcServer}
 * one event loop's share of the server. Texts and codes of transport errors are those of grpc-go,
 * which clients see from etcd.
 */
@NullMarked
package io.etcdj.server.front.grpc;

import org.jspecify.annotations.NullMarked;
