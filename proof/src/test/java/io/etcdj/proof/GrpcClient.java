package io.etcdj.proof;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.api.etcdserverpb.CompactionResponse;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.DeleteRangeResponse;
import io.etcdj.api.etcdserverpb.HashKVRequest;
import io.etcdj.api.etcdserverpb.HashKVResponse;
import io.etcdj.api.etcdserverpb.LeaseGrantRequest;
import io.etcdj.api.etcdserverpb.LeaseGrantResponse;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveRequest;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.api.etcdserverpb.LeaseRevokeRequest;
import io.etcdj.api.etcdserverpb.LeaseRevokeResponse;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.StatusRequest;
import io.etcdj.api.etcdserverpb.StatusResponse;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.etcdserverpb.TxnResponse;
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
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** One connection of a client that is not ours (grpc-java), with etcd's methods. */
public final class GrpcClient implements AutoCloseable {
  public static final MethodDescriptor<RangeRequest, RangeResponse> RANGE =
      unary("etcdserverpb.KV/Range", RangeRequest.class, RangeResponse.class);
  public static final MethodDescriptor<PutRequest, PutResponse> PUT =
      unary("etcdserverpb.KV/Put", PutRequest.class, PutResponse.class);
  public static final MethodDescriptor<DeleteRangeRequest, DeleteRangeResponse> DELETE =
      unary("etcdserverpb.KV/DeleteRange", DeleteRangeRequest.class, DeleteRangeResponse.class);
  public static final MethodDescriptor<TxnRequest, TxnResponse> TXN =
      unary("etcdserverpb.KV/Txn", TxnRequest.class, TxnResponse.class);
  public static final MethodDescriptor<CompactionRequest, CompactionResponse> COMPACT =
      unary("etcdserverpb.KV/Compact", CompactionRequest.class, CompactionResponse.class);
  public static final MethodDescriptor<LeaseGrantRequest, LeaseGrantResponse> GRANT =
      unary("etcdserverpb.Lease/LeaseGrant", LeaseGrantRequest.class, LeaseGrantResponse.class);
  public static final MethodDescriptor<LeaseRevokeRequest, LeaseRevokeResponse> REVOKE =
      unary("etcdserverpb.Lease/LeaseRevoke", LeaseRevokeRequest.class, LeaseRevokeResponse.class);
  public static final MethodDescriptor<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse>
      TIME_TO_LIVE =
          unary(
              "etcdserverpb.Lease/LeaseTimeToLive",
              LeaseTimeToLiveRequest.class,
              LeaseTimeToLiveResponse.class);
  public static final MethodDescriptor<LeaseKeepAliveRequest, LeaseKeepAliveResponse> KEEP_ALIVE =
      method(
          "etcdserverpb.Lease/LeaseKeepAlive",
          MethodType.BIDI_STREAMING,
          LeaseKeepAliveRequest.class,
          LeaseKeepAliveResponse.class);
  public static final MethodDescriptor<HashKVRequest, HashKVResponse> HASH_KV =
      unary("etcdserverpb.Maintenance/HashKV", HashKVRequest.class, HashKVResponse.class);
  public static final MethodDescriptor<StatusRequest, StatusResponse> STATUS =
      unary("etcdserverpb.Maintenance/Status", StatusRequest.class, StatusResponse.class);
  public static final MethodDescriptor<WatchRequest, WatchResponse> WATCH =
      method(
          "etcdserverpb.Watch/Watch",
          MethodType.BIDI_STREAMING,
          WatchRequest.class,
          WatchResponse.class);

  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final ManagedChannel channel;

  public GrpcClient(int port) {
    this(NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext());
  }

  public GrpcClient(NettyChannelBuilder builder) {
    channel = builder.maxInboundMessageSize(Integer.MAX_VALUE).build();
  }

  public ManagedChannel channel() {
    return channel;
  }

  /** Makes a unary call; its refusal is a {@link io.grpc.StatusRuntimeException}. */
  public <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
    return call(method, request, DEADLINE);
  }

  /** The same with another deadline. */
  public <Q, R> R call(MethodDescriptor<Q, R> method, Q request, Duration deadline) {
    return ClientCalls.blockingUnaryCall(
        channel,
        method,
        CallOptions.DEFAULT.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS),
        request);
  }

  /** Puts; returns the revision. */
  public long put(String key, String value) {
    return call(PUT, putRequest(key, ByteString.copyFromUtf8(value))).getHeader().getRevision();
  }

  public RangeResponse get(String key) {
    return call(RANGE, RangeRequest.newBuilder().setKey(bytes(key)).build());
  }

  /** All keys with this prefix. */
  public RangeResponse list(String prefix) {
    return call(
        RANGE,
        RangeRequest.newBuilder().setKey(bytes(prefix)).setRangeEnd(prefixEnd(prefix)).build());
  }

  /** Grants a lease with an id of the server's choice. */
  public long grant(long ttlSeconds) {
    return call(GRANT, LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build()).getID();
  }

  public static PutRequest putRequest(String key, ByteString value) {
    return PutRequest.newBuilder().setKey(bytes(key)).setValue(value).build();
  }

  public static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  /** The first key behind all that start with {@code prefix}, which must not end in 0xff. */
  public static ByteString prefixEnd(String prefix) {
    byte[] end = bytes(prefix).toByteArray();
    end[end.length - 1]++;
    return ByteString.copyFrom(end);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> unary(
      String name, Class<Q> request, Class<R> response) {
    return method(name, MethodType.UNARY, request, response);
  }

  /** A method of any service. */
  public static <Q extends Message, R extends Message> MethodDescriptor<Q, R> method(
      String name, MethodType type, Class<Q> request, Class<R> response) {
    return MethodDescriptor.<Q, R>newBuilder()
        .setFullMethodName(name)
        .setType(type)
        .setRequestMarshaller(new ProtobufMarshaller<>(prototype(request)))
        .setResponseMarshaller(new ProtobufMarshaller<>(prototype(response)))
        .build();
  }

  private static <M extends Message> M prototype(Class<M> type) {
    try {
      return type.cast(type.getMethod("getDefaultInstance").invoke(null));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " is no generated message", e);
    }
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
        return (M) prototype.getParserForType().parseFrom(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
