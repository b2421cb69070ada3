package io.etcdj.proof.chaos;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.cluster.Await;
import io.etcdj.proof.cluster.Cluster;
import io.etcdj.proof.cluster.Make;
import io.etcdj.proof.cluster.Member;
import io.etcdj.proof.history.Cell;
import io.etcdj.proof.history.Chronicle;
import io.etcdj.proof.history.Linearizability;
import io.etcdj.proof.history.Operation;
import io.etcdj.proof.history.RevisionOrder;
import io.etcdj.proof.history.Verdict;
import io.etcdj.proof.history.WatchLog;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A cluster under load, until it is judged.
 *
 * <pre>
 *   Trial trial = Trial.start(cluster, Load.Settings.USUAL, seed, journal);
 *   ... harm ...
 *   Report report = trial.finish();     // everything healed and running again
 * </pre>
 */
final class Trial {
  private static final Duration CHECKING = Duration.ofMinutes(3);
  private static final Duration SERVING = Duration.ofMinutes(3);
  private static final Duration CATCHING_UP = Duration.ofSeconds(30);

  /**
   * A new leader gives every lease its whole time again, and looks for expired ones now and then.
   */
  private static final Duration EXPIRY = Duration.ofSeconds(LeaseHolder.TTL_SECONDS + 15);

  private final Cluster cluster;
  private final Load load;
  private final Journal journal;

  private Trial(Cluster cluster, Load load, Journal journal) {
    this.cluster = cluster;
    this.load = load;
    this.journal = journal;
  }

  static Trial start(Cluster cluster, Load.Settings settings, long seed, Journal journal) {
    Load load = new Load(cluster, settings, seed);
    load.start();
    return new Trial(cluster, load, journal);
  }

  Load load() {
    return load;
  }

  /** Waits until so many calls more have been answered. */
  void awaitCalls(int further) throws InterruptedException {
    int until = load.history().answered() + further;
    Await.that(SERVING, further + " calls are answered", () -> load.history().answered() >= until);
  }

  /** Stops the load, waits until the cluster has come to rest, and checks everything. */
  Report finish() throws InterruptedException {
    load.stopWorking();
    journal.say("the load has stopped; waiting for the members to agree");
    cluster.awaitSettled();
    Verdict verdict = awaitExpiry();
    Member leader = cluster.awaitLeader();
    long last =
        Await.value(SERVING, "the last revision", () -> Optional.of(Cluster.revision(leader)));
    long deadline = System.nanoTime() + CATCHING_UP.toNanos();
    for (WatchLog log : load.watchLogs()) {
      log.awaitRevision(last, deadline); // what is missing then is a finding
    }
    load.stopWatching();
    journal.say("checking");
    long startNanos = System.nanoTime();
    List<Operation> operations = load.history().operations();
    Chronicle chronicle = Chronicle.of(load.watchLogs(), last);
    verdict =
        verdict
            .and(Linearizability.check(operations, CHECKING))
            .and(RevisionOrder.check(operations))
            .and(chronicle.verdict())
            .and(chronicle.compare(operations, key -> key.startsWith(LeaseHolder.PREFIX)))
            .and(compareMembers(chronicle, last));
    List<String> notes = new ArrayList<>();
    verdict = verdict.and(checkLeases(notes));
    journal.say(
        String.format("checked within %d ms", (System.nanoTime() - startNanos) / 1_000_000));
    return new Report(verdict, summary(last), notes);
  }

  /** Nobody keeps leases alive any more: their keys have to go. */
  private Verdict awaitExpiry() throws InterruptedException {
    try {
      Await.that(EXPIRY, "leases expire", () -> keys(LeaseHolder.PREFIX).isEmpty());
      return Verdict.HOLDS;
    } catch (AssertionError late) {
      return Verdict.violated("these leases do not expire: " + keys(LeaseHolder.PREFIX));
    }
  }

  private List<String> keys(String prefix) {
    for (Member member : cluster.running()) {
      try {
        return member.control().list(prefix).getKvsList().stream()
            .map(kv -> kv.getKey().toStringUtf8())
            .toList();
      } catch (StatusRuntimeException failure) {
        // another one may answer
      }
    }
    return List.of("(no member answers)");
  }

  /** All members hold the same, and what watchers saw last. */
  private Verdict compareMembers(Chronicle chronicle, long last) throws InterruptedException {
    Verdict verdict = Verdict.HOLDS;
    Map<Make, Map<Integer, List<Member>>> hashes = new HashMap<>();
    for (Member member : cluster.members()) {
      Map<String, Cell> store = new HashMap<>();
      RangeRequest everything =
          RangeRequest.newBuilder()
              .setKey(ByteString.copyFrom(new byte[1]))
              .setRangeEnd(ByteString.copyFrom(new byte[1]))
              .build();
      RangeResponse all =
          Await.value(
              SERVING,
              "everything at " + member,
              () -> Optional.of(member.control().call(GrpcClient.RANGE, everything)));
      for (KeyValue kv : all.getKvsList()) {
        store.put(kv.getKey().toStringUtf8(), Caller.cell(kv));
      }
      verdict = verdict.and(chronicle.compareEnd(member.name(), store));
      hashes
          .computeIfAbsent(member.make(), unused -> new HashMap<>())
          .computeIfAbsent(Cluster.hash(member, last), unused -> new ArrayList<>())
          .add(member);
    }
    // How revisions are hashed has changed between releases of the original.
    for (Map<Integer, List<Member>> ofMake : hashes.values()) {
      if (ofMake.size() > 1) {
        verdict = verdict.and(Verdict.violated("members differ by their hashes: " + ofMake));
      }
    }
    return verdict;
  }

  /**
   * Leases that expired early. The original did not ask its peers before 3.4.28 and 3.5.10 whether
   * it still leads before it renewed a lease, so with it in the cluster this is only noted.
   */
  private Verdict checkLeases(List<String> notes) {
    List<String> findings = new ArrayList<>();
    load.leaseHolders().forEach(holder -> findings.addAll(holder.findings(load.watchLogs())));
    if (cluster.members().stream().allMatch(member -> member.make() == Make.OURS)) {
      return Verdict.of(findings);
    }
    notes.addAll(findings);
    return Verdict.HOLDS;
  }

  private String summary(long last) {
    History history = load.history();
    return String.format(
        "%d calls answered, %d of unknown fate, %d refused; %d revisions, %d watchers over %d"
            + " connections; %d leases renewed %d times",
        history.answered(),
        history.unanswered(),
        history.refused(),
        last,
        load.watchers().size(),
        load.watchers().stream().mapToInt(Watcher::connections).sum(),
        load.leaseHolders().stream().mapToInt(LeaseHolder::leases).sum(),
        load.leaseHolders().stream().mapToInt(LeaseHolder::kept).sum());
  }
}
