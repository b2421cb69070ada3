package io.etcdj.server.front;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveRequest;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.SnapshotRequest;
import io.etcdj.api.etcdserverpb.SnapshotResponse;
import io.etcdj.api.etcdserverpb.WatchRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** grpc-java as the foreign client. */
final class GrpcClient implements AutoCloseable {
  static final MethodDescriptor<RangeRequest, RangeResponse> RANGE =
      method(
          "etcdserverpb.KV/Range",
          MethodType.UNARY,
          RangeRequest.getDefaultInstance(),
          RangeResponse.getDefaultInstance());
  static final MethodDescriptor<PutRequest, PutResponse> PUT =
      method(
          "etcdserverpb.KV/Put",
          MethodType.UNARY,
          PutRequest.getDefaultInstance(),
          PutResponse.getDefaultInstance());
  static final MethodDescriptor<WatchRequest, WatchResponse> WATCH =
      method(
          "etcdserverpb.Watch/Watch",
          MethodType.BIDI_STREAMING,
          WatchRequest.getDefaultInstance(),
          WatchResponse.getDefaultInstance());
  static final MethodDescriptor<LeaseKeepAliveRequest, LeaseKeepAliveResponse> KEEP_ALIVE =
      method(
          "etcdserverpb.Lease/LeaseKeepAlive",
          MethodType.BIDI_STREAMING,
          LeaseKeepAliveRequest.getDefaultInstance(),
          LeaseKeepAliveResponse.getDefaultInstance());
  static final MethodDescriptor<SnapshotRequest, SnapshotResponse> SNAPSHOT =
      method(
          "etcdserverpb.Maintenance/Snapshot",
          MethodType.SERVER_STREAMING,
          SnapshotRequest.getDefaultInstance(),
          SnapshotResponse.getDefaultInstance());

  private final ManagedChannel channel;

  GrpcClient(int port) {
    this(NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext());
  }

  GrpcClient(NettyChannelBuilder builder) {
    channel = builder.maxInboundMessageSize(Integer.MAX_VALUE).build();
  }

  ManagedChannel channel() {
    return channel;
  }

  RangeResponse range(String key) {
    return range(RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build());
  }

  RangeResponse range(RangeRequest request) {
    return ClientCalls.blockingUnaryCall(channel, RANGE, CallOptions.DEFAULT, request);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  static <Q extends Message, R extends Message> MethodDescriptor<Q, R> method(
      String name, MethodType type, Q request, R response) {
    return MethodDescriptor.<Q, R>newBuilder()
        .setFullMethodName(name)
        .setType(type)
        .setRequestMarshaller(new ProtobufMarshaller<>(request))
        .setResponseMarshaller(new ProtobufMarshaller<>(response))
        .build();
  }

  private record ProtobufMarshaller<M extends Message>(M prototype)
      implements MethodDescriptor.Marshaller<M> {
    @Override
    public InputStream stream(M value) {
      return new ByteArrayInputStream(value.toByteArray());
    }

    @Override
    @SuppressWarnings("unchecked") // the prototype's parser makes its own type
    public M parse(InputStream stream) {
      try {
        return (M) prototype.getParserForType().parseFrom(stream.readAllBytes());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
