package io.etcdj.server.front.rpc;

import io.etcdj.api.GrpcCode;
import io.etcdj.server.metrics.Counter;
import io.etcdj.server.metrics.Histogram;
import io.etcdj.server.metrics.Labeled;
import io.etcdj.server.metrics.MetricRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code grpc_server_…} counters and the bytes that went over the wire.
 *
 * <p>Calls from the JSON gateway count too, as in etcd, where the gateway is a gRPC client of its
 * own server. All counters of a method exist from the start, at 0, so that a rate over them is
 * right from the first call on.
 */
public final class RpcMetrics {
  /** The streams whose failures are counted, and what they are called there. */
  private static final Map<String, String> STREAMS =
      Map.of(
          "/etcdserverpb.Watch/Watch", "watch",
          "/etcdserverpb.Lease/LeaseKeepAlive", "lease-keepalive");

  private final Labeled<Counter> started;
  private final Labeled<Counter> handled;
  private final Labeled<Counter> received;
  private final Labeled<Counter> sent;
  private final @Nullable Labeled<Histogram> handling;
  private final Labeled<Counter> streamFailures;
  private final Counter receivedBytes;
  private final Counter sentBytes;

  /** With {@code extensive}, the time that each call takes is measured as well. */
  public RpcMetrics(MetricRegistry registry, boolean extensive) {
    String[] labels = {"grpc_type", "grpc_service", "grpc_method"};
    started =
        registry.counters(
            "grpc_server_started_total", "Total number of RPCs started on the server.", labels);
    handled =
        registry.counters(
            "grpc_server_handled_total",
            "Total number of RPCs completed on the server, regardless of success or failure.",
            "grpc_type",
            "grpc_service",
            "grpc_method",
            "grpc_code");
    received =
        registry.counters(
            "grpc_server_msg_received_total",
            "Total number of RPC stream messages received on the server.",
            labels);
    sent =
        registry.counters(
            "grpc_server_msg_sent_total",
            "Total number of gRPC stream messages sent by the server.",
            labels);
    handling =
        extensive
            ? registry.histograms(
                "grpc_server_handling_seconds",
                "Histogram of response latency (seconds) of gRPC that had been application-level"
                    + " handled by the server.",
                Histogram.defaultBounds(),
                labels)
            : null;
    streamFailures =
        registry.counters(
            "etcd_network_server_stream_failures_total",
            "The total number of stream failures from the local server.",
            "Type",
            "API");
    receivedBytes =
        registry.counter(
            "etcd_network_client_grpc_received_bytes_total",
            "The total number of bytes received from grpc clients.");
    sentBytes =
        registry.counter(
            "etcd_network_client_grpc_sent_bytes_total",
            "The total number of bytes sent to grpc clients.");
  }

  OfMethod of(Rpc<?, ?> rpc) {
    return new OfMethod(rpc);
  }

  /** The counters of one method, looked up once. */
  final class OfMethod {
    private final Counter startedCalls;
    private final Counter receivedMessages;
    private final Counter sentMessages;
    private final List<Counter> handledByCode = new ArrayList<>();
    private final @Nullable Histogram seconds;
    private final @Nullable String stream;

    private OfMethod(Rpc<?, ?> rpc) {
      String type = rpc.kind().label();
      startedCalls = started.with(type, rpc.service(), rpc.method());
      receivedMessages = received.with(type, rpc.service(), rpc.method());
      sentMessages = sent.with(type, rpc.service(), rpc.method());
      for (GrpcCode code : GrpcCode.values()) {
        handledByCode.add(handled.with(type, rpc.service(), rpc.method(), code.text()));
      }
      stream = STREAMS.get(rpc.path());
      seconds = handling == null ? null : handling.with(type, rpc.service(), rpc.method());
    }

    /** The time to hand back to {@link #ended}; 0 where nobody wants to know. */
    long started() {
      startedCalls.increment();
      return seconds == null ? 0 : System.nanoTime();
    }

    void received(int bytes) {
      receivedMessages.increment();
      receivedBytes.add(bytes);
    }

    /** A client's message could not be read, which ends its stream; a client may leave freely. */
    void receiveFailed() {
      if (stream != null) {
        streamFailures.with("receive", stream).increment();
      }
    }

    void sent(long bytes) {
      sentMessages.increment();
      sentBytes.add(bytes);
    }

    void ended(GrpcCode code, long startNanos) {
      handledByCode.get(code.number()).increment();
      if (seconds != null) {
        seconds.observeNanos(System.nanoTime() - startNanos);
      }
    }
  }
}
