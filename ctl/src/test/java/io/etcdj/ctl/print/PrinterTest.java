package io.etcdj.ctl.print;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcdj.api.authpb.Permission;
import io.etcdj.api.etcdserverpb.AuthRoleGetResponse;
import io.etcdj.api.etcdserverpb.DowngradeInfo;
import io.etcdj.api.etcdserverpb.LeaseGrantResponse;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.etcdj.api.etcdserverpb.Member;
import io.etcdj.api.etcdserverpb.MemberListResponse;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.etcdserverpb.ResponseOp;
import io.etcdj.api.etcdserverpb.StatusResponse;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.ctl.cli.Failure;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Against outputs recorded from etcdctl 3.7.1. */
class PrinterTest {
  private static final ResponseHeader HEADER =
      ResponseHeader.newBuilder()
          .setClusterId(0xa7ef944b95711739L)
          .setMemberId(0xddd67b312462fd7bL)
          .setRevision(7)
          .setRaftTerm(2)
          .build();
  private static final KeyValue FOO =
      KeyValue.newBuilder()
          .setKey(ByteString.copyFromUtf8("foo"))
          .setCreateRevision(2)
          .setModRevision(6)
          .setVersion(5)
          .setValue(ByteString.copyFromUtf8("bar3"))
          .build();
  private static final RangeResponse RANGE =
      RangeResponse.newBuilder().setHeader(HEADER).addKvs(FOO).setCount(1).build();

  private static String print(String format, boolean hex, Consumer<Printer> use) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, false, UTF_8)) {
      use.accept(Objects.requireNonNull(Format.printer(format, out, hex)));
    }
    return bytes.toString(UTF_8);
  }

  private static String print(String format, Consumer<Printer> use) {
    return print(format, false, use);
  }

  @Test
  void aRangeInEveryFormat() {
    assertThat(print("simple", p -> p.range(RANGE))).isEqualTo("foo\nbar3\n");
    assertThat(print("simple", true, p -> p.range(RANGE)))
        .isEqualTo("\\x66\\x6f\\x6f\n\\x62\\x61\\x72\\x33\n");
    assertThat(print("json", p -> p.range(RANGE)))
        .isEqualTo(
            "{\"header\":{\"cluster_id\":12101053776118486841,\"member_id\":15985099378392235387,"
                + "\"revision\":7,\"raft_term\":2},\"kvs\":[{\"key\":\"Zm9v\",\"create_revision\":2,"
                + "\"mod_revision\":6,\"version\":5,\"value\":\"YmFyMw==\"}],\"count\":1}\n");
    assertThat(print("fields", p -> p.range(RANGE)))
        .isEqualTo(
            """
            "ClusterID" : 12101053776118486841
            "MemberID" : 15985099378392235387
            "Revision" : 7
            "RaftTerm" : 2
            "Key" : "foo"
            "CreateRevision" : 2
            "ModRevision" : 6
            "Version" : 5
            "Value" : "bar3"
            "Lease" : 0
            "More" : false
            "Count" : 1
            """);
    assertThatThrownBy(() -> print("table", p -> p.range(RANGE)))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.exitCode()).isEqualTo(4))
        .hasMessage("table not supported as output format");
  }

  @Test
  void operationsOfATransactionAreNestedInTheirOneofInJson() {
    TxnResponse txn =
        TxnResponse.newBuilder()
            .setHeader(HEADER)
            .setSucceeded(true)
            .addResponses(
                ResponseOp.newBuilder()
                    .setResponseRange(
                        RangeResponse.newBuilder()
                            .setHeader(ResponseHeader.newBuilder().setRevision(7))))
            .build();
    assertThat(print("json", p -> p.txn(txn)))
        .endsWith(
            "\"succeeded\":true,\"responses\":[{\"Response\":{\"response_range\":"
                + "{\"header\":{\"revision\":7}}}}]}\n");
  }

  @Test
  void leaseAnswersHaveTheShapeOfEtcdsClientInJson() {
    assertThat(
            print(
                "json",
                p -> p.leaseGrant(LeaseGrantResponse.newBuilder().setID(4660).setTTL(200).build())))
        .isEqualTo("{\"ID\":4660,\"TTL\":200,\"Error\":\"\"}\n");
    LeaseTimeToLiveResponse gone =
        LeaseTimeToLiveResponse.newBuilder().setID(4660).setTTL(-1).build();
    assertThat(print("json", p -> p.leaseTimeToLive(gone, false)))
        .isEqualTo("{\"id\":4660,\"ttl\":-1,\"granted-ttl\":0,\"keys\":null}\n");
    assertThat(print("simple", p -> p.leaseTimeToLive(gone, false)))
        .isEqualTo("lease 0000000000001234 already expired\n");
  }

  @Test
  void watchAnswersHaveTheShapeOfEtcdsClientInJson() {
    WatchResponse answer =
        WatchResponse.newBuilder()
            .setHeader(ResponseHeader.newBuilder().setRevision(21))
            .addEvents(Event.newBuilder().setKv(KeyValue.newBuilder().setModRevision(21)))
            .build();
    assertThat(print("json", p -> p.watch(answer)))
        .isEqualTo(
            "{\"Header\":{\"revision\":21},\"Events\":[{\"kv\":{\"mod_revision\":21}}],"
                + "\"CompactRevision\":0,\"Canceled\":false,\"Created\":false,\"CancelReason\":\"\"}\n");
  }

  @Test
  void membersAsATableAndWithHexIds() {
    MemberListResponse members =
        MemberListResponse.newBuilder()
            .setHeader(HEADER.toBuilder().clearRevision())
            .addMembers(
                Member.newBuilder()
                    .setID(HEADER.getMemberId())
                    .setName("s1")
                    .addPeerURLs("http://127.0.0.1:12380")
                    .addClientURLs("http://127.0.0.1:12379"))
            .build();
    assertThat(print("table", p -> p.memberList(members)))
        .isEqualTo(
            """
            ┌──────────────────┬─────────┬──────┬────────────────────────┬────────────────────────┬────────────┐
            │        ID        │ STATUS  │ NAME │       PEER ADDRS       │      CLIENT ADDRS      │ IS LEARNER │
            ├──────────────────┼─────────┼──────┼────────────────────────┼────────────────────────┼────────────┤
            │ ddd67b312462fd7b │ started │   s1 │ http://127.0.0.1:12380 │ http://127.0.0.1:12379 │      false │
            └──────────────────┴─────────┴──────┴────────────────────────┴────────────────────────┴────────────┘
            """);
    assertThat(print("json", true, p -> p.memberList(members)))
        .isEqualTo(
            "{\"header\":{\"cluster_id\":\"a7ef944b95711739\",\"member_id\":\"ddd67b312462fd7b\","
                + "\"raft_term\":2},\"members\":[{\"ID\":\"ddd67b312462fd7b\",\"name\":\"s1\","
                + "\"peerURLs\":[\"http://127.0.0.1:12380\"],"
                + "\"clientURLs\":[\"http://127.0.0.1:12379\"]}]}\n");
  }

  @Test
  void theStatusOfAnEndpointIsOneRow() {
    StatusResponse status =
        StatusResponse.newBuilder()
            .setHeader(HEADER)
            .setVersion("3.7.1")
            .setStorageVersion("3.7.0")
            .setDbSize(20480)
            .setDbSizeInUse(12288)
            .setDbSizeQuota(2_147_483_648L)
            .setLeader(HEADER.getMemberId())
            .setRaftTerm(2)
            .setRaftIndex(51)
            .setRaftAppliedIndex(51)
            .setDowngradeInfo(DowngradeInfo.getDefaultInstance())
            .build();
    List<EndpointStatus> reports = List.of(new EndpointStatus("127.0.0.1:2379", status));
    assertThat(print("simple", p -> p.endpointStatus(reports)))
        .isEqualTo(
            "127.0.0.1:2379, ddd67b312462fd7b, 3.7.1, 3.7.0, 20 kB, 12 kB, 40%, 2.1 GB, true,"
                + " false, 2, 51, 51, , , false\n");
    assertThat(print("json", p -> p.endpointStatus(reports)))
        .endsWith("\"dbSizeQuota\":2147483648,\"downgradeInfo\":{}}}]\n");
  }

  @Test
  void permissionsSayWhetherTheyAreAPrefixOrOpenEnded() {
    AuthRoleGetResponse role =
        AuthRoleGetResponse.newBuilder()
            .addPerm(permission(Permission.Type.READ, "a", "b"))
            .addPerm(permission(Permission.Type.READWRITE, "k", ""))
            .addPerm(permission(Permission.Type.READ, "x", "\0"))
            .build();
    assertThat(print("simple", p -> p.roleGet("r", role)))
        .isEqualTo(
            "Role r\nKV Read:\n\t[a, b) (prefix a)\n\tk\n\t[x, <open ended>\nKV Write:\n\tk\n");
  }

  private static Permission permission(Permission.Type type, String key, String end) {
    return Permission.newBuilder()
        .setPermType(type)
        .setKey(ByteString.copyFromUtf8(key))
        .setRangeEnd(ByteString.copyFromUtf8(end))
        .build();
  }

  @Test
  void jsonEscapesWhatMattersInsideHtml() {
    assertThat(new GoJson(false).string("<a&\"\u0001>").toString())
        .isEqualTo("\"\\u003ca\\u0026\\\"\\u0001\\u003e\"");
  }
}
