package io.etcdj.proof.conform;

import static io.etcdj.proof.GrpcClient.bytes;
import static io.etcdj.proof.conform.Requests.OPEN;
import static io.etcdj.proof.conform.Requests.compact;
import static io.etcdj.proof.conform.Requests.delete;
import static io.etcdj.proof.conform.Requests.deleting;
import static io.etcdj.proof.conform.Requests.op;
import static io.etcdj.proof.conform.Requests.put;
import static io.etcdj.proof.conform.Requests.txn;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.WatchCancelRequest;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import io.etcdj.api.etcdserverpb.WatchCreateRequest.FilterType;
import io.etcdj.api.etcdserverpb.WatchRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What watchers are told. */
@Timeout(120)
class WatchTest {
  private static Both both;

  private Watching theirs;
  private Watching ours;

  @BeforeAll
  static void start(@TempDir Path directory) {
    both = Both.start(directory);
  }

  @AfterAll
  static void stop() {
    if (both != null) {
      both.close();
    }
  }

  @BeforeEach
  void open() {
    both.together();
    theirs = new Watching(both.theirs());
    ours = new Watching(both.ours());
  }

  @AfterEach
  void close() {
    theirs.close();
    ours.close();
  }

  private void create(WatchCreateRequest.Builder request) {
    theirs.create(request.build());
    ours.create(request.build());
  }

  private void send(WatchRequest.Builder request) {
    theirs.send(request.build());
    ours.send(request.build());
  }

  private void await(int answers) {
    theirs.await(answers);
    ours.await(answers);
  }

  /** Waits for events on both sides, then for both to say that this was all; compares all. */
  private void compare(int events) {
    theirs.awaitEvents(events);
    ours.awaitEvents(events);
    theirs.drain();
    ours.drain();
    assertThat(theirs.events()).as("etcd 3.4 drains also while there is more").isEqualTo(events);
    assertThat(ours.told()).isEqualTo(theirs.told());
  }

  private static WatchCreateRequest.Builder watch(String from, String to) {
    return WatchCreateRequest.newBuilder().setKey(bytes(from)).setRangeEnd(bytes(to));
  }

  private static WatchRequest.Builder cancel(long id) {
    return WatchRequest.newBuilder()
        .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id));
  }

  /** Some changes of each kind: 8 events of 5 revisions. */
  private static void change() {
    both.same(Rpc.PUT, put("w/a", "1"));
    both.same(Rpc.PUT, put("w/a", "2"));
    both.same(Rpc.TXN, txn(op(put("w/b", "1")), op(put("w/c", "1")), op(delete("w/a"))));
    both.same(Rpc.DELETE, deleting("w/b", "w/d").build());
    both.same(Rpc.PUT, put("w/a", "back"));
  }

  @Test
  void changesAreToldToThoseWhoWatchThem() {
    create(watch("w/a", ""));
    create(watch("w/", "w0"));
    create(watch("w/b", "").setRangeEnd(OPEN));
    create(watch("w/a", "w/c").setPrevKv(true));
    create(watch("w/a", "w/c").addFilters(FilterType.NOPUT));
    create(watch("w/a", "w/c").addFilters(FilterType.NODELETE).setPrevKv(true));
    create(watch("w/", "w0").addFilters(FilterType.NODELETE).addFilters(FilterType.NOPUT));
    create(watch("x", "y"));
    change();
    // 4 of a, 8 of all, 4 from b on, 6 + 2 + 4 of a and b
    compare(28);
  }

  @Test
  void thePastIsToldFromTheRevisionThatIsAskedFor() {
    long before = both.revision();
    change();
    change();
    for (long start = before + 1; start <= before + 10; start++) {
      create(watch("w/", "w0").setStartRevision(start).setPrevKv(true));
    }
    theirs.awaitEvents(90);
    ours.awaitEvents(90);
    both.same(Rpc.PUT, put("w/z", "live"));
    compare(100);
  }

  @Test
  void theFutureIsToldWhenItHasCome() {
    create(watch("w/", "w0").setStartRevision(both.revision() + 4));
    create(watch("w/", "w0").setStartRevision(both.revision() + 1000));
    change();
    compare(3);
  }

  @Test
  void whatIsCompactedCannotBeWatched() {
    change();
    long at = both.revision();
    both.same(Rpc.COMPACT, compact(at));
    for (long start : new long[] {1, at - 1}) {
      create(watch("w/", "w0").setStartRevision(start));
      await(1); // canceled with the revision to go on from
    }
    create(watch("w/", "w0").setStartRevision(at));
    create(watch("w/", "w0").setStartRevision(at + 1));
    change();
    compare(17);
  }

  @Test
  void aDeleteAtTheCompactedRevision() {
    change();
    long at = both.revision() - 1; // which deleted two keys
    both.same(Rpc.COMPACT, compact(at));
    create(watch("w/", "w0").setStartRevision(at));
    theirs.awaitEvents(1);
    ours.awaitEvents(3);
    theirs.drain();
    ours.drain();
    List<String> all = Objects.requireNonNull(ours.told().get(0L));
    assertThat(all.subList(1, 3))
        .as("%s", Since34.TOMBSTONE_AT_COMPACTION)
        .allSatisfy(event -> assertThat(event).contains("type: DELETE", "mod_revision: " + at));
    assertThat(theirs.told().get(0L))
        .as("%s", Since34.TOMBSTONE_AT_COMPACTION)
        .containsExactly(all.get(0), all.get(3));
  }

  @Test
  void watchersHaveTheIdsThatTheyAskForIfFree() {
    create(watch("w/a", ""));
    create(watch("w/a", "").setWatchId(2));
    create(watch("w/a", ""));
    create(watch("w/a", "")); // not 2, which is taken
    create(watch("w/a", "").setWatchId(2)); // refused
    create(watch("w/a", "").setWatchId(100));
    create(watch("w/a", "").setWatchId(-7));
    send(cancel(100));
    await(1);
    create(watch("w/a", "").setWatchId(100));
    create(watch("w/a", ""));
    both.same(Rpc.PUT, put("w/a", "1"));
    compare(7);
  }

  @Test
  void cancelledWatchersHearNothingMore() {
    create(watch("w/", "w0"));
    create(watch("w/", "w0"));
    send(cancel(0));
    await(1);
    send(cancel(0)); // no answer
    send(cancel(77)); // no answer
    change();
    compare(8);
    send(cancel(1));
    await(1);
    both.same(Rpc.PUT, put("w/a", "unheard"));
    assertThat(ours.told()).isEqualTo(theirs.told());
  }

  @Test
  void rangesWithoutKeysAreRefused() {
    create(watch("w/b", "w/a"));
    create(watch("w/b", "w/b"));
    create(watch("", ""));
    create(watch("", "b"));
    create(watch("", "").setRangeEnd(OPEN));
    both.same(Rpc.PUT, put("a", "1"));
    both.same(Rpc.PUT, put("w/a", "1"));
    compare(3);
  }

  @Test
  void aStartBelowZero() {
    long revision = both.revision();
    WatchCreateRequest negative = watch("w/", "w0").setStartRevision(-1).build();
    theirs.create(negative);
    ours.create(negative);
    assertThat(theirs.told().get(0L))
        .as("%s", Since34.NEGATIVE_WATCH_START)
        .singleElement()
        .asString()
        .contains("created: true")
        .doesNotContain("canceled");
    assertThat(ours.toldToNobody())
        .as("%s", Since34.NEGATIVE_WATCH_START)
        .singleElement()
        .asString()
        .contains("revision: " + revision, "created: true", "canceled: true")
        .contains("etcdserver: mvcc: required revision has been compacted");
  }

  @Test
  void aRequestOfNoKindIsPassedOver() {
    send(WatchRequest.newBuilder());
    create(watch("w/a", ""));
    both.same(Rpc.PUT, put("w/a", "1"));
    compare(1);
  }

  @Test
  void largeAnswersAreSplitForThoseWhoAsk() {
    ByteString large = ByteString.copyFrom(new byte[1_000_000]);
    long first = both.revision() + 1;
    for (int i = 0; i < 5; i++) {
      both.same(Rpc.PUT, put("f/" + i, "").toBuilder().setValue(large).build());
    }
    create(watch("f/", "f0").setStartRevision(first).setFragment(true));
    create(watch("f/", "f0").setPrevKv(true).setFragment(true));
    create(watch("f/", "f0").setPrevKv(true));
    theirs.awaitEvents(5);
    ours.awaitEvents(5);
    both.same(Rpc.DELETE, deleting("f/", "f0").build()); // 5 MB of former values in one revision
    compare(20);
    assertThat(ours.parts()).isPositive();
    assertThat(theirs.parts()).isPositive();
    both.same(Rpc.COMPACT, compact(both.revision()));
  }

  @Test
  void manyRevisionsAreToldInOrder() {
    long first = both.revision() + 1;
    for (int i = 0; i < 1200; i++) {
      both.same(Rpc.PUT, put("m/" + i % 7, "v" + i));
    }
    create(watch("m/", "m0").setStartRevision(first).setPrevKv(true));
    compare(1200);
  }

  @Test
  void aWatchOverJson() throws IOException, InterruptedException {
    both.over(Transport.JSON);
    long now = both.revision();
    List<List<String>> heard = new ArrayList<>();
    List<BufferedReader> readers = new ArrayList<>();
    for (Side side : List.of(both.theirs(), both.ours())) {
      String body =
          "{\"create_request\":{\"key\":\"d2Ev\",\"range_end\":\"d2Ew\",\"prev_kv\":true}}"
              + "{\"createRequest\":{\"key\":\"d2Ev\",\"rangeEnd\":\"d2Ew\",\"watchId\":\"5\","
              + "\"filters\":[\"NODELETE\"],\"startRevision\":"
              + (now + 2)
              + "}}\n"
              + "{\"create_request\":{\"key\":\"Yg==\",\"range_end\":\"YQ==\"}}";
      HttpResponse<java.io.InputStream> response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(side.server().endpoint() + "/v3/watch"))
                      .POST(HttpRequest.BodyPublishers.ofString(body))
                      .version(HttpClient.Version.HTTP_1_1)
                      .build(),
                  HttpResponse.BodyHandlers.ofInputStream());
      assertThat(response.statusCode()).isEqualTo(200);
      readers.add(
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8)));
      heard.add(new ArrayList<>());
    }
    take(readers, heard, 3);
    both.same(Rpc.PUT, put("wa/1", "x"));
    take(readers, heard, 1);
    both.same(Rpc.DELETE, delete("wa/1"));
    take(readers, heard, 1);
    both.same(Rpc.PUT, put("wa/1", "y"));
    take(readers, heard, 2);
    for (BufferedReader reader : readers) {
      reader.close();
    }
    // Two watchers that are told of one change may be told in any order.
    assertThat(heard.get(1)).containsExactlyInAnyOrderElementsOf(heard.get(0)).hasSize(7);
  }

  private static void take(List<BufferedReader> readers, List<List<String>> heard, int lines)
      throws IOException {
    for (int i = 0; i < readers.size(); i++) {
      for (int line = 0; line < lines; line++) {
        heard
            .get(i)
            .add(
                readers
                    .get(i)
                    .readLine()
                    .replaceAll("\"(cluster_id|member_id|raft_term)\":\"\\d+\"", "$1"));
      }
    }
  }
}
