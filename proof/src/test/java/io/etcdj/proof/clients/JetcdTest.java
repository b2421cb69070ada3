package io.etcdj.proof.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.PutResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.support.CloseableClient;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import io.etcdj.proof.ServerProcess;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Java client. */
@Timeout(120)
class JetcdTest {
  private static ServerProcess server;
  private static Client client;

  @BeforeAll
  static void start(@TempDir Path directory) {
    server = ServerProcess.start(ServerProcess.Settings.ours(directory));
    client = Client.builder().endpoints(server.endpoint()).build();
  }

  @AfterAll
  static void stop() {
    if (client != null) {
      client.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, UTF_8);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  @Test
  void valuesAreKeptListedAndDeleted() throws Exception {
    KV kv = client.getKVClient();
    for (int i = 0; i < 5; i++) {
      get(kv.put(bytes("kv/" + i), bytes("v" + i)));
    }
    PutResponse put =
        get(kv.put(bytes("kv/0"), bytes("new"), PutOption.builder().withPrevKV().build()));
    assertThat(put.getPrevKv().getValue()).isEqualTo(bytes("v0"));
    GetResponse all =
        get(
            kv.get(
                bytes("kv/"),
                GetOption.builder()
                    .isPrefix(true)
                    .withSortField(GetOption.SortTarget.MOD)
                    .withSortOrder(GetOption.SortOrder.DESCEND)
                    .withLimit(2)
                    .build()));
    assertThat(all.getKvs())
        .extracting(KeyValue::getKey)
        .containsExactly(bytes("kv/0"), bytes("kv/4"));
    assertThat(all.isMore()).isTrue();
    assertThat(all.getCount()).isEqualTo(5);
    long before = all.getHeader().getRevision() - 1;
    GetResponse past = get(kv.get(bytes("kv/0"), GetOption.builder().withRevision(before).build()));
    assertThat(past.getKvs().get(0).getValue()).isEqualTo(bytes("v0"));
    assertThat(
            get(kv.delete(bytes("kv/"), DeleteOption.builder().isPrefix(true).build()))
                .getDeleted())
        .isEqualTo(5);
    get(kv.compact(before + 1));
    assertThatThrownBy(
            () -> get(kv.get(bytes("kv/0"), GetOption.builder().withRevision(before).build())))
        .hasMessageContaining("required revision has been compacted");
  }

  @Test
  void transactionsDecide() throws Exception {
    KV kv = client.getKVClient();
    ByteSequence key = bytes("txn");
    Cmp absent = new Cmp(key, Cmp.Op.EQUAL, CmpTarget.version(0));
    List<Boolean> created = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      TxnResponse answer =
          get(
              kv.txn()
                  .If(absent)
                  .Then(Op.put(key, bytes("mine"), PutOption.DEFAULT))
                  .Else(Op.get(key, GetOption.DEFAULT))
                  .commit());
      created.add(answer.isSucceeded());
      if (!answer.isSucceeded()) {
        assertThat(answer.getGetResponses().get(0).getKvs().get(0).getValue())
            .isEqualTo(bytes("mine"));
      }
    }
    assertThat(created).containsExactly(true, false);
  }

  @Test
  void changesAreWatchedFromThePastOn() throws Exception {
    KV kv = client.getKVClient();
    long first = get(kv.put(bytes("w/a"), bytes("1"))).getHeader().getRevision();
    get(kv.put(bytes("w/a"), bytes("2")));
    LinkedBlockingQueue<WatchEvent> events = new LinkedBlockingQueue<>();
    WatchOption option =
        WatchOption.builder().isPrefix(true).withRevision(first).withPrevKV(true).build();
    try (Watch.Watcher watcher =
        client
            .getWatchClient()
            .watch(bytes("w/"), option, (WatchResponse told) -> events.addAll(told.getEvents()))) {
      assertThat(watcher.isClosed()).isFalse();
      assertEvent(events, WatchEvent.EventType.PUT, "1");
      assertEvent(events, WatchEvent.EventType.PUT, "2");
      get(kv.delete(bytes("w/a")));
      WatchEvent deleted = events.poll(20, TimeUnit.SECONDS);
      assertThat(deleted).isNotNull();
      assertThat(deleted.getEventType()).isEqualTo(WatchEvent.EventType.DELETE);
      assertThat(deleted.getPrevKV().getValue()).isEqualTo(bytes("2"));
      for (int i = 0; i < 500; i++) {
        get(kv.put(bytes("w/many"), bytes("n" + i)));
      }
      for (int i = 0; i < 500; i++) {
        assertEvent(events, WatchEvent.EventType.PUT, "n" + i);
      }
    }
  }

  private static void assertEvent(
      LinkedBlockingQueue<WatchEvent> events, WatchEvent.EventType type, String value)
      throws InterruptedException {
    WatchEvent event = events.poll(20, TimeUnit.SECONDS);
    assertThat(event).isNotNull();
    assertThat(event.getEventType()).isEqualTo(type);
    assertThat(event.getKeyValue().getValue()).isEqualTo(bytes(value));
  }

  @Test
  void aLeaseLivesAsLongAsItIsKeptAlive() throws Exception {
    long lease = get(client.getLeaseClient().grant(5)).getID();
    PutResponse put =
        get(
            client
                .getKVClient()
                .put(bytes("alive"), bytes("v"), PutOption.builder().withLeaseId(lease).build()));
    CountDownLatch renewals = new CountDownLatch(6); // every third of its time: past its end
    try (CloseableClient keptAlive =
        client
            .getLeaseClient()
            .keepAlive(
                lease,
                new StreamObserver<LeaseKeepAliveResponse>() {
                  @Override
                  public void onNext(LeaseKeepAliveResponse renewed) {
                    renewals.countDown();
                  }

                  @Override
                  public void onError(Throwable e) {}

                  @Override
                  public void onCompleted() {}
                })) {
      assertThat(renewals.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(get(client.getKVClient().get(bytes("alive"))).getCount()).isEqualTo(1);
      assertThat(keptAlive).isNotNull();
    }
    CompletableFuture<WatchEvent> gone = new CompletableFuture<>();
    WatchOption next =
        WatchOption.builder().withRevision(put.getHeader().getRevision() + 1).build();
    try (Watch.Watcher watcher =
        client
            .getWatchClient()
            .watch(bytes("alive"), next, told -> gone.complete(told.getEvents().get(0)))) {
      assertThat(get(gone).getEventType()).isEqualTo(WatchEvent.EventType.DELETE);
      assertThat(watcher.isClosed()).isFalse();
    }
    assertThat(get(client.getLeaseClient().timeToLive(lease, LeaseOption.DEFAULT)).getTTL())
        .isEqualTo(-1);
  }

  /** A lock of the oldest key: who is not the oldest waits for the one before to go. */
  private static final class Lock {
    private final ByteSequence key;
    private final long lease;

    Lock(String name) throws Exception {
      lease = get(client.getLeaseClient().grant(30)).getID();
      key = bytes(name + "/" + Long.toHexString(lease));
      Cmp absent = new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(0));
      TxnResponse mine =
          get(
              client
                  .getKVClient()
                  .txn()
                  .If(absent)
                  .Then(Op.put(key, bytes(""), PutOption.builder().withLeaseId(lease).build()))
                  .Else(Op.get(key, GetOption.DEFAULT))
                  .commit());
      assertThat(mine.isSucceeded()).isTrue();
      long since = mine.getHeader().getRevision();
      while (true) {
        List<KeyValue> before =
            get(client
                    .getKVClient()
                    .get(
                        bytes(name + "/"),
                        GetOption.builder()
                            .isPrefix(true)
                            .withMaxCreateRevision(since - 1)
                            .withSortField(GetOption.SortTarget.CREATE)
                            .withSortOrder(GetOption.SortOrder.DESCEND)
                            .withLimit(1)
                            .build()))
                .getKvs();
        if (before.isEmpty()) {
          return;
        }
        awaitDeletion(before.get(0));
      }
    }

    private static void awaitDeletion(KeyValue one) throws Exception {
      CompletableFuture<Void> gone = new CompletableFuture<>();
      WatchOption since =
          WatchOption.builder().withNoPut(true).withRevision(one.getModRevision() + 1).build();
      try (Watch.Watcher watcher =
          client.getWatchClient().watch(one.getKey(), since, told -> gone.complete(null))) {
        get(gone);
        assertThat(watcher.isClosed()).isFalse();
      }
    }

    void release() throws Exception {
      get(client.getLeaseClient().revoke(lease)); // takes the key with it
    }
  }

  @Test
  void onlyOneHoldsALock() throws Exception {
    int contenders = 8;
    List<Integer> inside = Collections.synchronizedList(new ArrayList<>());
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int i = 0; i < contenders; i++) {
      int contender = i;
      all.add(
          CompletableFuture.runAsync(
              () -> {
                try {
                  Lock lock = new Lock("lock");
                  inside.add(contender);
                  get(client.getKVClient().put(bytes("inside"), bytes("" + contender)));
                  assertThat(
                          get(client.getKVClient().get(bytes("inside"))).getKvs().get(0).getValue())
                      .isEqualTo(bytes("" + contender));
                  inside.add(contender);
                  lock.release();
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              },
              task -> new Thread(task, "contender " + contender).start()));
    }
    CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).get(60, TimeUnit.SECONDS);
    assertThat(inside).hasSize(2 * contenders);
    for (int i = 0; i < inside.size(); i += 2) {
      assertThat(inside.get(i)).as("%s", inside).isEqualTo(inside.get(i + 1));
    }
  }

  @Test
  void theServerTellsOfItself() throws Exception {
    assertThat(get(client.getClusterClient().listMember()).getMembers()).hasSize(1);
    assertThat(get(client.getMaintenanceClient().statusMember(server.endpoint())).getVersion())
        .startsWith("3.7.");
    get(client.getMaintenanceClient().defragmentMember(server.endpoint()));
    assertThat(get(client.getMaintenanceClient().listAlarms()).getAlarms()).isEmpty();
  }
}
