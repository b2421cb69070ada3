package io.etcdj.server.front;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveRequest;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.SnapshotRequest;
import io.etcdj.api.etcdserverpb.SnapshotResponse;
import io.etcdj.api.etcdserverpb.WatchRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** gRPC as grpc-java sees it. */
@Timeout(60)
class GrpcTest {
  private static TestFront front;
  private static GrpcClient client;

  @BeforeAll
  static void open() {
    front = new TestFront();
    client = new GrpcClient(front.port());
  }

  @AfterAll
  static void close() {
    client.close();
    front.close();
  }

  @Test
  void aUnaryCallIsAnswered() {
    assertThat(client.range("k").getKvs(0).getValue().toStringUtf8()).isEqualTo("v");
  }

  @Test
  void answersFromAForeignThreadArriveForEveryCallOfABatch() throws Exception {
    int calls = 2_000;
    CountDownLatch answered = new CountDownLatch(calls);
    for (int i = 0; i < calls; i++) {
      ClientCalls.asyncUnaryCall(
          client.channel().newCall(GrpcClient.PUT, CallOptions.DEFAULT),
          PutRequest.getDefaultInstance(),
          observer(m -> answered.countDown(), s -> {}));
    }
    assertThat(answered.await(30, SECONDS)).isTrue();
  }

  @Test
  void aRefusalCarriesItsCodeAndItsWords() {
    assertRefused(
        () -> client.range(""), Status.Code.INVALID_ARGUMENT, "etcdserver: key is not provided");
  }

  @Test
  void aStatusMessageMayHoldAnyCharacter() {
    String words = "größer als 100% — \"日本\"\nzweite Zeile";
    assertRefused(() -> client.range(named("words", words)), Status.Code.UNKNOWN, words);
  }

  @Test
  void aBugInAHandlerEndsTheCallAndNotTheConnection() {
    assertRefused(() -> client.range("bug"), Status.Code.INTERNAL, "internal error");
    assertThat(client.range("k").getCount()).isEqualTo(1);
  }

  @Test
  void metadataArrivesAsTextAndAsBytes() {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER), "abc.7");
    headers.put(Metadata.Key.of("raw-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {'h', 'i'});
    assertThat(rangeWith(headers, named("meta", "token"))).isEqualTo("abc.7");
    assertThat(rangeWith(headers, named("meta", "raw-bin"))).isEqualTo("hi");
    assertThat(rangeWith(headers, named("meta", "absent"))).isEqualTo("null");
  }

  @Test
  void aGzippedRequestIsUnderstood() {
    RangeResponse response =
        ClientCalls.blockingUnaryCall(
            client.channel(),
            GrpcClient.RANGE,
            CallOptions.DEFAULT.withCompression("gzip"),
            named("k".repeat(1000), ""));
    assertThat(response.getKvs(0).getKey().size()).isEqualTo(1000);
  }

  @Test
  void aGzippedRequestIsMeasuredAfterDecompression() {
    assertRefused(
        () ->
            ClientCalls.blockingUnaryCall(
                client.channel(),
                GrpcClient.RANGE,
                CallOptions.DEFAULT.withCompression("gzip"),
                named("k".repeat(3_000_000), "")),
        Status.Code.RESOURCE_EXHAUSTED,
        "grpc: received message after decompression larger than max 2097152");
  }

  @Test
  void aMessageAboveTheLimitIsRefusedAndTheConnectionStaysUsable() {
    RangeRequest large = named("k".repeat(2_097_152), "");
    assertRefused(
        () -> client.range(large),
        Status.Code.RESOURCE_EXHAUSTED,
        "grpc: received message larger than max (" + large.getSerializedSize() + " vs. 2097152)");
    assertThat(client.range("k").getCount()).isEqualTo(1);
  }

  @Test
  void aMessageAtTheLimitIsTaken() {
    RangeRequest request = named("k".repeat(2_097_152 - 5), "");
    assertThat(client.range(request).getCount()).isEqualTo(1);
  }

  @Test
  void unknownMethodsAndServicesAreNamed() {
    assertRefused(
        () -> call("etcdserverpb.KV/Nope"),
        Status.Code.UNIMPLEMENTED,
        "unknown method Nope for service etcdserverpb.KV");
    assertRefused(
        () -> call("no.Such/Thing"), Status.Code.UNIMPLEMENTED, "unknown service no.Such");
  }

  @Test
  void anExpiredDeadlineAnswersAndCancelsTheHandler() throws Exception {
    // Without grpc-java's own timer, which would not wait for the server's word.
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER), "50m");
    int before = front.services.cancelled.get();
    assertRefused(
        () ->
            ClientCalls.blockingUnaryCall(
                io.grpc.ClientInterceptors.intercept(
                    client.channel(), MetadataUtils.newAttachHeadersInterceptor(headers)),
                GrpcClient.RANGE,
                CallOptions.DEFAULT,
                named("hang", "")),
        Status.Code.DEADLINE_EXCEEDED,
        "context deadline exceeded");
    eventually(() -> front.services.cancelled.get() > before);
  }

  @Test
  void aClientThatCancelsIsNoticedBeforeAndAfterItsHalfClose() throws Exception {
    int before = front.services.cancelled.get();
    var unary = client.channel().newCall(GrpcClient.RANGE, CallOptions.DEFAULT);
    int hanging = front.services.hanging.get();
    ClientCalls.asyncUnaryCall(unary, named("hang", ""), observer(m -> {}, s -> {}));
    eventually(() -> front.services.hanging.get() > hanging);
    unary.cancel("enough", null);
    eventually(() -> front.services.cancelled.get() > before);

    int watching = front.services.watchers.size();
    var watch = client.channel().newCall(GrpcClient.WATCH, CallOptions.DEFAULT);
    ClientCalls.asyncBidiStreamingCall(watch, observer((WatchResponse m) -> {}, s -> {}))
        .onNext(WatchRequest.getDefaultInstance());
    eventually(() -> front.services.watchers.size() > watching);
    watch.cancel("enough", null);
    eventually(() -> front.services.watchers.size() == watching);
  }

  @Test
  void aWatchHearsOneEncodedMessageSharedByAll() throws Exception {
    int watchers = 20;
    CountDownLatch created = new CountDownLatch(watchers);
    LinkedBlockingQueue<WatchResponse> heard = new LinkedBlockingQueue<>();
    List<io.grpc.ClientCall<WatchRequest, WatchResponse>> calls = new ArrayList<>();
    for (int i = 0; i < watchers; i++) {
      var call = client.channel().newCall(GrpcClient.WATCH, CallOptions.DEFAULT);
      calls.add(call);
      ClientCalls.asyncBidiStreamingCall(
              call,
              observer(
                  (WatchResponse m) -> {
                    if (m.getCreated()) {
                      created.countDown();
                    } else {
                      heard.add(m);
                    }
                  },
                  s -> {}))
          .onNext(WatchRequest.getDefaultInstance());
    }
    assertThat(created.await(20, SECONDS)).isTrue();
    front.services.broadcast("a", "1");
    for (int i = 0; i < watchers; i++) {
      WatchResponse message = heard.poll(20, SECONDS);
      assertThat(message).isNotNull();
      assertThat(message.getEvents(0).getKv().getValue().toStringUtf8()).isEqualTo("1");
    }
    calls.forEach(c -> c.cancel("done", null));
  }

  @Test
  void aBidirectionalCallEndsWithItsStatusAfterItsMessages() throws Exception {
    LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    StreamObserver<LeaseKeepAliveRequest> requests =
        ClientCalls.asyncBidiStreamingCall(
            client.channel().newCall(GrpcClient.KEEP_ALIVE, CallOptions.DEFAULT),
            observer(
                (LeaseKeepAliveResponse m) -> heard.add("ID " + m.getID()),
                status -> heard.add(status.getCode() + " " + status.getDescription())));
    requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(7).build());
    requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(13).build());
    assertThat(heard.poll(10, SECONDS)).isEqualTo("ID 7");
    assertThat(heard.poll(10, SECONDS))
        .isEqualTo("NOT_FOUND etcdserver: requested lease not found");
  }

  @Test
  void aServerStreamWaitsForASlowReaderAndLosesNothing() {
    Iterator<SnapshotResponse> blobs =
        ClientCalls.blockingServerStreamingCall(
            client.channel(),
            GrpcClient.SNAPSHOT,
            CallOptions.DEFAULT,
            SnapshotRequest.getDefaultInstance());
    long bytes = 0;
    while (blobs.hasNext()) {
      bytes += blobs.next().getBlob().size();
    }
    assertThat(bytes).isEqualTo((long) FakeServices.SNAPSHOT_BLOBS * FakeServices.BLOB_BYTES);
    assertThat(front.services.maxPendingBytes.get()).isLessThan(256 * 1024);
  }

  @Test
  void aHugeAnswerIsPulledPieceByPiece() {
    int closed = front.services.sourcesClosed.get();
    RangeResponse response =
        client.range(
            RangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("huge"))
                .setLimit(640)
                .build());
    assertThat(response.getKvsCount()).isEqualTo(640);
    assertThat(front.services.sourcesClosed.get()).isEqualTo(closed + 1);
    assertThat(front.services.maxPendingBytes.get()).isLessThan(256 * 1024);
  }

  @Test
  void thePingsOfAClientThatMeasuresALargeAnswerAreNoOffence() {
    // grpc-java, like grpc-go, pings while data comes in, to find out how large a window it needs.
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("big"))
            .setLimit(20_000_000)
            .build();
    try (GrpcClient fresh = new GrpcClient(front.port())) {
      for (int i = 0; i < 5; i++) {
        assertThat(fresh.range(request).getKvs(0).getValue().size()).isEqualTo(20_000_000);
      }
    }
  }

  @Test
  void whatIsServedIsCounted() {
    client.range("k");
    String exposition = front.registry.expose();
    String labels =
        "grpc_method=\"Snapshot\",grpc_service=\"etcdserverpb.Maintenance\","
            + "grpc_type=\"server_stream\"";
    assertThat(exposition)
        .contains("grpc_server_handled_total{grpc_code=\"DataLoss\"," + labels + "} 0\n")
        .contains("grpc_server_handling_seconds_bucket{" + labels + ",le=\"0.005\"}")
        .doesNotContain(
            "grpc_server_started_total{grpc_method=\"Range\",grpc_service="
                + "\"etcdserverpb.KV\",grpc_type=\"unary\"} 0\n")
        .doesNotContain("etcd_network_client_grpc_sent_bytes_total 0\n");
  }

  @Test
  void aStoppingServerEndsStreamsAndLetsUnaryCallsFinish() throws Exception {
    try (TestFront stopping = new TestFront();
        GrpcClient its = new GrpcClient(stopping.port())) {
      LinkedBlockingQueue<String> ends = new LinkedBlockingQueue<>();
      ClientCalls.asyncBidiStreamingCall(
              its.channel().newCall(GrpcClient.WATCH, CallOptions.DEFAULT),
              observer(
                  (WatchResponse m) -> {}, s -> ends.add(s.getCode() + " " + s.getDescription())))
          .onNext(WatchRequest.getDefaultInstance());
      eventually(() -> stopping.services.watchers.size() == 1);
      Future<Void> stopped = stopping.shutdown(Duration.ofSeconds(10));
      assertThat(ends.poll(10, SECONDS)).isEqualTo("UNAVAILABLE etcdserver: server stopped");
      TestFront.await(stopped);
      assertThat(stopping.services.watchers).isEmpty();
    }
  }

  @Test
  void aCallUnderWayIsAnsweredWhileTheServerStops() throws Exception {
    try (TestFront stopping = new TestFront();
        GrpcClient its = new GrpcClient(stopping.port())) {
      LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
      ClientCalls.asyncUnaryCall(
          its.channel().newCall(GrpcClient.RANGE, CallOptions.DEFAULT),
          named("hang", ""),
          observer(
              (RangeResponse m) -> heard.add(m.getKvs(0).getValue().toStringUtf8()),
              s -> heard.add(s.getCode().name())));
      eventually(() -> stopping.services.hanging.get() == 1);
      Future<Void> stopped = stopping.shutdown(Duration.ofSeconds(20));
      // Told to go, the client makes no new calls here; nobody else gets in either.
      eventually(() -> refused(stopping.port()));
      stopping.services.release();
      assertThat(heard.poll(10, SECONDS)).isEqualTo("released");
      assertThat(heard.poll(10, SECONDS)).isEqualTo("OK");
      TestFront.await(stopped);
    }
  }

  private static boolean refused(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return !socket.isConnected();
    } catch (IOException e) {
      return true;
    }
  }

  static <R> StreamObserver<R> observer(
      java.util.function.Consumer<R> onMessage, java.util.function.Consumer<Status> onEnd) {
    return new StreamObserver<>() {
      @Override
      public void onNext(R message) {
        onMessage.accept(message);
      }

      @Override
      public void onError(Throwable failure) {
        onEnd.accept(Status.fromThrowable(failure));
      }

      @Override
      public void onCompleted() {
        onEnd.accept(Status.OK);
      }
    };
  }

  /**
   * Waits for what another thread is about to do; without a sleep there is no other way to look.
   */
  static void eventually(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("still not so").isLessThan(end);
      MILLISECONDS.sleep(2);
    }
  }

  static RangeRequest named(String key, String rangeEnd) {
    return RangeRequest.newBuilder()
        .setKey(ByteString.copyFromUtf8(key))
        .setRangeEnd(ByteString.copyFromUtf8(rangeEnd))
        .build();
  }

  private static String rangeWith(Metadata headers, RangeRequest request) {
    return ClientCalls.blockingUnaryCall(
            io.grpc.ClientInterceptors.intercept(
                client.channel(), MetadataUtils.newAttachHeadersInterceptor(headers)),
            GrpcClient.RANGE,
            CallOptions.DEFAULT,
            request)
        .getKvs(0)
        .getValue()
        .toStringUtf8();
  }

  private static void call(String method) {
    ClientCalls.blockingUnaryCall(
        client.channel(),
        GrpcClient.method(
            method,
            MethodType.UNARY,
            RangeRequest.getDefaultInstance(),
            RangeResponse.getDefaultInstance()),
        CallOptions.DEFAULT,
        RangeRequest.getDefaultInstance());
  }

  private static void assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Status.Code code, String words) {
    StatusRuntimeException refusal = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(refusal).isNotNull();
    assertThat(refusal.getStatus().getCode()).isEqualTo(code);
    assertThat(refusal.getStatus().getDescription()).isEqualTo(words);
  }
}
