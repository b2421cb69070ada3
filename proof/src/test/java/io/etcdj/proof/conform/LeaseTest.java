package io.etcdj.proof.conform;

import static io.etcdj.proof.conform.Requests.delete;
import static io.etcdj.proof.conform.Requests.deleting;
import static io.etcdj.proof.conform.Requests.grant;
import static io.etcdj.proof.conform.Requests.op;
import static io.etcdj.proof.conform.Requests.put;
import static io.etcdj.proof.conform.Requests.putting;
import static io.etcdj.proof.conform.Requests.range;
import static io.etcdj.proof.conform.Requests.revoke;
import static io.etcdj.proof.conform.Requests.txn;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.api.GrpcCode;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveRequest;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.api.etcdserverpb.LeaseLeasesRequest;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import io.etcdj.proof.GrpcClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What leases do to their keys, and what is said of them. */
@Timeout(120)
class LeaseTest {
  private static final String UNKNOWN = "etcdserver: requested lease not found";

  private static Both both;

  @BeforeAll
  static void start(@TempDir Path directory) {
    both = Both.start(directory);
  }

  @BeforeEach
  void together() {
    both.together();
  }

  @AfterAll
  static void stop() {
    if (both != null) {
      both.close();
    }
  }

  private static LeaseTimeToLiveRequest timeToLive(long id) {
    return LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(true).build();
  }

  @ParameterizedTest
  @EnumSource
  void grantsAndTheirRefusals(Transport transport) {
    both.over(transport);
    long id = 1000 + 100 * transport.offset;
    both.same(Rpc.GRANT, grant(id, 600));
    both.refused(
        Rpc.GRANT,
        grant(id, 600),
        GrpcCode.FAILED_PRECONDITION,
        "etcdserver: lease already exists");
    both.same(Rpc.GRANT, grant(id + 1, 9_000_000_000L));
    both.refused(
        Rpc.GRANT,
        grant(id + 2, 9_000_000_001L),
        GrpcCode.OUT_OF_RANGE,
        "etcdserver: too large lease TTL");
    both.same(Rpc.GRANT, grant(-id, 600)); // any number but 0 is an id
    both.same(Rpc.LEASES, LeaseLeasesRequest.getDefaultInstance());
    for (long lease : new long[] {id, id + 1, -id}) {
      both.same(Rpc.TIME_TO_LIVE, timeToLive(lease));
      both.same(Rpc.REVOKE, revoke(lease));
    }
    both.same(Rpc.LEASES, LeaseLeasesRequest.getDefaultInstance());
  }

  @ParameterizedTest
  @EnumSource
  void shortAndNegativeTermsAreRaised(Transport transport) {
    both.over(transport);
    long id = 2000 + 100 * transport.offset;
    for (long ttlSeconds : new long[] {1, 0, -5, 2, 3}) {
      both.same(Rpc.GRANT, grant(++id, ttlSeconds));
      both.same(Rpc.REVOKE, revoke(id));
    }
  }

  @Test
  void anIdOfTheServersChoiceIsPositive() {
    for (Side side : List.of(both.ours(), both.theirs())) {
      long id = side.client().grant(600);
      assertThat(id).isPositive();
      side.client().call(GrpcClient.REVOKE, revoke(id));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRevokedLeaseTakesItsKeysInOneRevision(Transport transport) {
    both.over(transport);
    long id = 3000 + 100 * transport.offset;
    both.same(Rpc.GRANT, grant(id, 600));
    both.same(Rpc.GRANT, grant(id + 1, 700));
    for (String key : List.of("l/c", "l/a", "l/d", "l/b")) {
      both.same(Rpc.PUT, putting(key, "v").setLease(id).build());
    }
    both.same(Rpc.PUT, putting("l/d", "moved").setLease(id + 1).build());
    both.same(Rpc.PUT, put("l/b", "let go"));
    both.same(
        Rpc.TXN,
        txn(
            op(putting("l/t1", "v").setLease(id).build()),
            op(putting("l/t2", "v").setLease(id).build())));
    both.same(Rpc.DELETE, delete("l/t2"));
    both.same(Rpc.TIME_TO_LIVE, timeToLive(id));
    both.same(Rpc.TIME_TO_LIVE, timeToLive(id).toBuilder().setKeys(false).build());
    both.same(Rpc.TIME_TO_LIVE, timeToLive(id + 1));
    both.same(Rpc.LEASES, LeaseLeasesRequest.getDefaultInstance());
    both.same(Rpc.REVOKE, revoke(id));
    both.same(Rpc.RANGE, range("l/", "l0").build());
    both.sameHash();
    both.same(Rpc.TIME_TO_LIVE, timeToLive(id));
    both.refused(Rpc.REVOKE, revoke(id), GrpcCode.NOT_FOUND, UNKNOWN);
    both.refused(Rpc.REVOKE, revoke(0), GrpcCode.NOT_FOUND, UNKNOWN);
    both.same(Rpc.REVOKE, revoke(id + 1));
    both.same(Rpc.RANGE, range("l/", "l0").build());
    both.same(Rpc.GRANT, grant(id, 600)); // the id is free again, and has no keys
    both.same(Rpc.TIME_TO_LIVE, timeToLive(id));
    both.same(Rpc.REVOKE, revoke(id)); // without keys it is no revision
    both.same(Rpc.DELETE, deleting("l/", "l0").build());
    both.sameHash();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNotThereHasNoTime(Transport transport) {
    both.over(transport);
    both.same(Rpc.TIME_TO_LIVE, timeToLive(0x1234));
    both.same(Rpc.TIME_TO_LIVE, timeToLive(0));
    both.same(Rpc.TIME_TO_LIVE, timeToLive(-1));
  }

  @Test
  void leasesAreKeptAliveOneAnswerForEachRequest() {
    both.over(Transport.GRPC);
    both.same(Rpc.GRANT, grant(4000, 600));
    both.same(Rpc.GRANT, grant(4001, 700));
    List<List<String>> heard = new ArrayList<>();
    for (Side side : List.of(both.theirs(), both.ours())) {
      List<String> answers = new ArrayList<>();
      try (Stream<LeaseKeepAliveRequest, LeaseKeepAliveResponse> stream =
          new Stream<>(side.client(), GrpcClient.KEEP_ALIVE)) {
        for (long id : new long[] {4000, 4001, 4000, 0x1234, 0, 4001}) {
          stream.send(LeaseKeepAliveRequest.newBuilder().setID(id).build());
          answers.add(Masks.comparable(stream.next()));
        }
        stream.halfClose();
        answers.add(stream.end().toString());
      }
      heard.add(answers);
    }
    assertThat(heard.get(1)).isEqualTo(heard.get(0));
    both.same(Rpc.REVOKE, revoke(4000));
    both.same(Rpc.REVOKE, revoke(4001));
  }

  @Test
  void leasesAreKeptAliveOverJson() {
    both.over(Transport.JSON);
    both.same(Rpc.GRANT, grant(4100, 600));
    List<List<String>> heard = new ArrayList<>();
    for (Side side : List.of(both.theirs(), both.ours())) {
      HttpResponse<String> response =
          side.http("POST", "/v3/lease/keepalive", "{\"ID\":\"4100\"}\n{\"ID\":4660}");
      assertThat(response.statusCode()).isEqualTo(200);
      heard.add(
          response
              .body()
              .lines()
              .map(line -> line.replaceAll("\"(cluster_id|member_id|raft_term)\":\"\\d+\"", "$1"))
              .toList());
    }
    assertThat(heard.get(1)).isEqualTo(heard.get(0)).hasSize(2);
    both.same(Rpc.REVOKE, revoke(4100));
  }

  @Test
  void anExpiredLeaseIsGoneWithItsKeysOnBothSides() {
    both.over(Transport.GRPC);
    both.same(Rpc.GRANT, grant(5000, 6));
    long first = both.revision() + 1;
    both.same(Rpc.PUT, putting("e/a", "v").setLease(5000).build());
    both.same(Rpc.PUT, putting("e/b", "v").setLease(5000).build());
    for (Side side : List.of(both.theirs(), both.ours())) {
      try (Watching watching = new Watching(side)) {
        watching.create(
            WatchCreateRequest.newBuilder()
                .setKey(GrpcClient.bytes("e/"))
                .setRangeEnd(GrpcClient.bytes("e0"))
                .addFilters(WatchCreateRequest.FilterType.NOPUT)
                .setStartRevision(first)
                .build());
        watching.awaitEvents(2);
      }
    }
    both.same(Rpc.RANGE, range("e/", "e0").build());
    both.same(Rpc.TIME_TO_LIVE, timeToLive(5000));
    both.sameHash();
  }
}
