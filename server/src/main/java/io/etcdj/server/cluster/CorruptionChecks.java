package io.etcdj.server.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.etcdj.api.EtcdException;
import io.etcdj.server.log.Log;
import io.etcdj.server.member.RaftView;
import io.etcdj.server.peer.PeerClient;
import io.etcdj.server.read.ReadGate;
import io.etcdj.state.membership.Member;
import io.etcdj.state.mvcc.KvHash;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks for members whose history has drifted apart, by comparing hashes of it.
 *
 * <p>Hashes can be compared when they cover the same revisions and follow the same compaction. All
 * methods block for the network and the disk: they are for a thread of their own.
 */
public final class CorruptionChecks {
  private static final long TIMEOUT_MILLIS = 5_000;

  /** What a member answered: the hash, its compaction, and how far its store was. */
  private record Told(Member member, long hash, long compactRevision, long revision) {}

  private final long self;
  private final RaftView view;
  private final Peers peers;
  private final ReadGate gate;
  private final PeerEndpoints.Hashes hashes;
  private final CompactionHashes compactions;
  private final LongConsumer corrupt;
  private final Log log;
  private long checkedCompaction;

  /**
   * @param corrupt raises the CORRUPT alarm for a member
   */
  public CorruptionChecks(
      long self,
      RaftView view,
      Peers peers,
      ReadGate gate,
      PeerEndpoints.Hashes hashes,
      CompactionHashes compactions,
      LongConsumer corrupt,
      Log log) {
    this.self = self;
    this.view = view;
    this.peers = peers;
    this.gate = gate;
    this.hashes = hashes;
    this.compactions = compactions;
    this.corrupt = corrupt;
    this.log = log;
  }

  /**
   * Compares with the members that answer, before this one serves.
   *
   * @return whether some hold another history
   */
  public boolean differsAtStart() {
    KvHash own = get(hashes.hash(0));
    if (own == null) {
      return false;
    }
    log.info("starting initial corruption check", "revision", own.hashRevision());
    boolean differs = false;
    for (Told told : ask(own.hashRevision())) {
      if (told.compactRevision() == own.compactRevision() && told.hash() != unsigned(own)) {
        differs = true;
        log.warn(
            "found different hash values from remote peer",
            "local-member-id",
            Long.toHexString(self),
            "local-member-revision",
            own.hashRevision(),
            "local-member-hash",
            unsigned(own),
            "remote-peer-id",
            Long.toHexString(told.member().id()),
            "remote-peer-hash",
            told.hash());
      }
    }
    return differs;
  }

  /** On the leader: compares with everybody, and raises the alarm for those that differ. */
  public void period() {
    if (!view.leads()) {
      return;
    }
    KvHash first = get(hashes.hash(0));
    if (first == null) {
      return;
    }
    List<Told> others = ask(first.hashRevision());
    if (!passes()) {
      return; // no quorum follows: nothing is known for sure
    }
    KvHash second = get(hashes.hash(0));
    if (second == null) {
      return;
    }
    if (second.hash() != first.hash()
        && second.hashRevision() == first.hashRevision()
        && second.compactRevision() == first.compactRevision()) {
      alarm(self, "this member's own hash changed without a write");
    }
    for (Told told : others) {
      if (told.revision() > second.revision()) {
        alarm(told.member().id(), "its revision is ahead of the leader's");
      } else if (told.compactRevision() > second.compactRevision()) {
        alarm(told.member().id(), "its compaction is ahead of the leader's");
      } else if (told.compactRevision() == first.compactRevision()
          && told.hash() != unsigned(first)) {
        alarm(told.member().id(), "its hash differs");
      }
    }
  }

  /** On the leader: compares what was hashed at the newest compaction that all had time for. */
  public void compaction() {
    if (!view.leads()) {
      return;
    }
    for (KvHash own : compactions.newestFirst()) {
      if (own.hashRevision() <= checkedCompaction) {
        return;
      }
      List<Told> comparable =
          ask(own.hashRevision()).stream()
              .filter(told -> told.compactRevision() == own.compactRevision())
              .toList();
      List<Told> different =
          comparable.stream().filter(told -> told.hash() != unsigned(own)).toList();
      if (!different.isEmpty()) {
        tellDifferent(comparable, different);
        return;
      }
      if (comparable.size() == peers.others().size()) {
        checkedCompaction = own.hashRevision();
        return;
      }
    }
  }

  /** With a majority against this member, it is the one; else those that differ from it are. */
  private void tellDifferent(List<Told> comparable, List<Told> different) {
    int members = comparable.size() + 1;
    boolean othersAgree =
        different.size() > members / 2
            && different.stream().mapToLong(Told::hash).distinct().count() == 1;
    if (othersAgree) {
      alarm(self, "a majority has another hash at the last compaction");
    } else {
      different.forEach(
          told -> alarm(told.member().id(), "its hash at the last compaction differs"));
    }
  }

  private void alarm(long member, String why) {
    log.error("found data corruption", "member-id", Long.toHexString(member), "reason", why);
    corrupt.accept(member);
  }

  private static long unsigned(KvHash hash) {
    return Integer.toUnsignedLong(hash.hash());
  }

  private List<Told> ask(long revision) {
    JsonObject question = new JsonObject();
    question.addProperty("revision", revision);
    byte[] body = question.toString().getBytes(UTF_8);
    List<Told> answers = new ArrayList<>();
    for (Member member : peers.others()) {
      PeerClient.Answer answer =
          get(peers.ask(member, HttpMethod.GET, "/members/hashkv", body, TIMEOUT_MILLIS));
      Told told = answer == null ? null : read(member, answer);
      if (told == null) {
        log.warn(
            "failed hash kv request",
            "revision",
            revision,
            "remote-peer-id",
            Long.toHexString(member.id()));
      } else {
        answers.add(told);
      }
    }
    return answers;
  }

  private static @Nullable Told read(Member member, PeerClient.Answer answer) {
    if (answer.status() != 200) {
      return null; // behind, or it has compacted further
    }
    try {
      JsonObject json = JsonParser.parseString(new String(answer.body(), UTF_8)).getAsJsonObject();
      JsonElement header = json.get("header");
      return new Told(
          member,
          number(json, "hash"),
          number(json, "compact_revision"),
          header == null ? 0 : number(header.getAsJsonObject(), "revision"));
    } catch (JsonParseException | IllegalStateException | NumberFormatException e) {
      return null;
    }
  }

  /** A member of Go's JSON, where zero is left out. */
  private static long number(JsonObject json, String name) {
    JsonElement value = json.get(name);
    return value == null ? 0 : value.getAsLong();
  }

  private boolean passes() {
    CompletableFuture<Boolean> passed = new CompletableFuture<>();
    gate.pass(
        Runnable::run,
        () -> passed.complete(true),
        (EtcdException refusal) -> passed.complete(false));
    return Boolean.TRUE.equals(get(passed));
  }

  private static <T> @Nullable T get(CompletableFuture<T> future) {
    try {
      return future.get(2 * TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
