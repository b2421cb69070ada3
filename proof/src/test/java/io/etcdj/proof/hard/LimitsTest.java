package io.etcdj.proof.hard;

import static io.etcdj.proof.GrpcClient.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.etcdj.api.etcdserverpb.EmptyResponse;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.ServerProcess;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that are too large, too long or no requests at all. */
final class LimitsTest {
  @TempDir private static Path directory;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static ServerProcess server;

  @SuppressWarnings("NullAway.Init")
  private static GrpcClient client;

  @BeforeAll
  static void start() {
    server = ServerProcess.start(ServerProcess.Settings.ours(directory));
    client = new GrpcClient(server.clientPort());
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  @AfterEach
  void theServerServes() {
    Liveness.assertServes(server);
  }

  private static void assertRefused(ThrowingCallable call, Status.Code code, String words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refusal -> {
              assertThat(refusal.getStatus().getCode()).isEqualTo(code);
              assertThat(refusal.getStatus().getDescription()).isEqualTo(words);
            });
  }

  @Test
  void aValueAboveTheRequestLimitIsRefused() {
    ByteString value = ByteString.copyFrom(new byte[1_600_000]);

    assertRefused(
        () -> client.call(GrpcClient.PUT, GrpcClient.putRequest("big", value)),
        Status.Code.INVALID_ARGUMENT,
        "etcdserver: request is too large");
    assertThat(client.get("big").getCount()).isZero();
  }

  @Test
  void aValueJustBelowTheLimitIsTakenAndReadBackWhole() {
    byte[] value = new byte[1_500_000];
    new java.util.Random(7).nextBytes(value);

    client.call(GrpcClient.PUT, GrpcClient.putRequest("large", ByteString.copyFrom(value)));

    assertThat(client.get("large").getKvs(0).getValue().toByteArray()).isEqualTo(value);
  }

  @Test
  void aRequestBeyondWhatIsReceivedIsRefusedBeforeItIsRead() {
    ByteString value = ByteString.copyFrom(new byte[10_000_000]);

    assertThatThrownBy(() -> client.call(GrpcClient.PUT, GrpcClient.putRequest("huge", value)))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refusal -> {
              assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
              assertThat(refusal.getStatus().getDescription())
                  .startsWith("grpc: received message larger than max (");
            });
  }

  private static TxnRequest txn(int operations) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = 0; i < operations; i++) {
      txn.addSuccess(
          RequestOp.newBuilder().setRequestPut(GrpcClient.putRequest("txn" + i, bytes("value"))));
    }
    return txn.build();
  }

  @Test
  void aTransactionHas128OperationsAtMost() {
    assertThat(client.call(GrpcClient.TXN, txn(128)).getResponsesCount()).isEqualTo(128);

    assertRefused(
        () -> client.call(GrpcClient.TXN, txn(129)),
        Status.Code.INVALID_ARGUMENT,
        "etcdserver: too many operations in txn request");
  }

  @Test
  void aFutureRevisionIsRefusedAndANegativeOneMeansNow() {
    long revision = client.put("revisions", "here");
    RangeRequest.Builder range = RangeRequest.newBuilder().setKey(bytes("revisions"));

    assertThat(client.call(GrpcClient.RANGE, range.setRevision(-5).build()).getKvs(0).getValue())
        .isEqualTo(bytes("here"));
    assertRefused(
        () -> client.call(GrpcClient.RANGE, range.setRevision(revision + 1_000).build()),
        Status.Code.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision is a future revision");
    assertRefused(
        () -> client.call(GrpcClient.RANGE, range.setRevision(Long.MAX_VALUE).build()),
        Status.Code.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision is a future revision");
  }

  @Test
  void bytesThatAreNoMessageAreRefused() {
    // A field of length 100 that ends at once: field 1, wire type 2.
    var garbage =
        GrpcClient.method(
            "etcdserverpb.KV/Put", MethodType.UNARY, EmptyResponse.class, PutResponse.class);
    EmptyResponse notAPut =
        EmptyResponse.newBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        1,
                        UnknownFieldSet.Field.newBuilder()
                            .addGroup(
                                UnknownFieldSet.newBuilder()
                                    .addField(
                                        3, UnknownFieldSet.Field.newBuilder().addFixed32(1).build())
                                    .build())
                            .build())
                    .addField(0x1fffffff, UnknownFieldSet.Field.newBuilder().addVarint(-1).build())
                    .build())
            .build();

    assertThatThrownBy(() -> client.call(garbage, notAPut))
        .isInstanceOf(StatusRuntimeException.class);
  }

  @Test
  void jsonThatIsNoneIsRefusedWithAReason() throws IOException, InterruptedException {
    HttpClient http = HttpClient.newHttpClient();
    for (String body :
        new String[] {"{\"key\":", "{]", "\"text\"", "[1,2", "{\"key\":\"!!!\"}", "\u0000"}) {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(URI.create(server.endpoint() + "/v3/kv/put"))
                  .POST(HttpRequest.BodyPublishers.ofString(body, UTF_8))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(body).isEqualTo(400);
      assertThat(response.body()).as(body).contains("\"code\":3").doesNotContain("java");
    }
    // Deep nesting must not exhaust a stack.
    String deep = "{\"x\":".repeat(50_000) + "1" + "}".repeat(50_000);
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(server.endpoint() + "/v3/kv/txn"))
                .POST(HttpRequest.BodyPublishers.ofString(deep, UTF_8))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isBetween(200, 499);
  }

  @Test
  void deeplyNestedTransactionsDoNotExhaustAStack() {
    TxnRequest nested = TxnRequest.newBuilder().build();
    for (int i = 0; i < 90; i++) {
      nested =
          TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestTxn(nested)).build();
    }
    TxnRequest deep = nested;

    try {
      client.call(GrpcClient.TXN, deep);
    } catch (StatusRuntimeException refusal) {
      assertThat(refusal.getStatus().getCode())
          .isIn(Status.Code.INVALID_ARGUMENT, Status.Code.INTERNAL);
    }
  }
}
