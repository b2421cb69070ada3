package io.etcdj.proof.chaos;

import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.cluster.Await;
import io.etcdj.proof.cluster.Cluster;
import io.etcdj.proof.cluster.Make;
import io.etcdj.proof.cluster.Member;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Does harm to a cluster, one fault after the other, and heals what it did.
 *
 * <p>The seed decides what is done and for how long; which member leads then, and what the load is
 * doing at that moment, is the machine's choice.
 */
final class Nemesis {
  /** Followers wait for one to two seconds before they elect another leader. */
  private static final int ELECTION_MILLIS = 2_000;

  private static final Duration STOPPING = Duration.ofSeconds(20);
  private static final Duration ASKING = Duration.ofSeconds(5);
  private static final int KEPT_REVISIONS = 300;

  private final Cluster cluster;
  private final Journal journal;
  private final Random random;
  private int struck;

  Nemesis(Cluster cluster, Journal journal, long seed) {
    this.cluster = cluster;
    this.journal = journal;
    this.random = new Random(seed);
  }

  /** How many faults there were. */
  int struck() {
    return struck;
  }

  /** Does harm for so long, with moments of calm in between. */
  void rage(Duration time, List<Fault> faults) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      strike(faults.get(random.nextInt(faults.size())));
      calm();
    }
  }

  void calm() throws InterruptedException {
    Thread.sleep(300 + random.nextInt(1_500));
  }

  /** Does one thing and heals it. */
  void strike(Fault fault) throws InterruptedException {
    struck++;
    switch (fault) {
      case KILL_LEADER -> kill(List.of(leader()));
      case KILL_ONE -> kill(List.of(any()));
      case KILL_ALL -> kill(cluster.running());
      case PAUSE_LEADER -> pause(List.of(leader()), ELECTION_MILLIS + random.nextInt(2_000));
      case PAUSE_SOME -> pause(some(), 200 + random.nextInt(3_000));
      case CUT_OFF_LEADER -> isolate(leader(), true);
      case SILENCE_LEADER -> isolate(leader(), false);
      case SPLIT -> split();
      case ONE_WAY -> oneWay();
      case SLOW -> slow();
      case FLAP -> flap();
      case RESTART_STORM -> restartStorm();
      case ROLLING_RESTART -> rollingRestart();
      case MOVE_LEADER -> moveLeader();
      case REPLACE -> replace();
      case COMPACT -> compact();
    }
  }

  // ---- Who

  private Member leader() throws InterruptedException {
    return cluster.awaitLeader();
  }

  private Member any() {
    List<Member> running = cluster.running();
    return running.get(random.nextInt(running.size()));
  }

  private List<Member> shuffled() {
    List<Member> members = new ArrayList<>(cluster.running());
    Collections.shuffle(members, random);
    return members;
  }

  private List<Member> some() {
    List<Member> members = shuffled();
    return members.subList(0, 1 + random.nextInt(members.size()));
  }

  private static List<String> names(List<Member> members) {
    return members.stream().map(Member::name).toList();
  }

  private void hold(int leastMillis, int furtherMillis) throws InterruptedException {
    Thread.sleep(leastMillis + random.nextInt(furtherMillis));
  }

  // ---- Processes

  private void kill(List<Member> members) throws InterruptedException {
    journal.say("kill -9 " + members);
    members.forEach(Member::kill);
    hold(100, 3_000);
    start(members);
  }

  private void start(List<Member> members) throws InterruptedException {
    journal.say("start " + members);
    members.forEach(Member::launch);
    for (Member member : members) {
      member.awaitReady();
    }
    journal.say("ready " + members);
  }

  private void pause(List<Member> members, int millis) throws InterruptedException {
    journal.say("SIGSTOP " + members);
    members.forEach(Member::pause);
    Thread.sleep(millis);
    journal.say("SIGCONT " + members);
    members.forEach(Member::resume);
  }

  private void restartStorm() throws InterruptedException {
    Member member = any();
    for (int i = 0; i < 3; i++) {
      journal.say("kill -9 " + member + ", start it at once");
      member.kill();
      member.launch();
      hold(50, 1_500);
    }
    member.awaitReady();
    journal.say("ready " + member);
  }

  private void rollingRestart() throws InterruptedException {
    for (Member member : shuffled()) {
      journal.say("SIGTERM " + member);
      member.process().terminate();
      member.process().awaitExit(STOPPING);
      start(List.of(member));
    }
  }

  // ---- Network

  private void isolate(Member member, boolean told) throws InterruptedException {
    journal.say((told ? "cut off " : "silence ") + member);
    List<String> one = List.of(member.name());
    List<String> others = cluster.network().others(member.name());
    if (told) {
      cluster.network().cut(one, others);
    } else {
      cluster.network().stall(one, others);
    }
    hold(1_000, 4_000);
    heal();
  }

  private void split() throws InterruptedException {
    List<Member> members = shuffled();
    int first = 1 + random.nextInt(Math.max(1, members.size() - 1));
    List<String> one = names(members.subList(0, first));
    List<String> other = names(members.subList(first, members.size()));
    journal.say("split " + one + " from " + other);
    if (random.nextBoolean()) {
      cluster.network().cut(one, other);
    } else {
      cluster.network().stall(one, other);
    }
    hold(1_000, 4_000);
    heal();
  }

  private void oneWay() throws InterruptedException {
    List<Member> members = shuffled();
    Member from = random.nextBoolean() ? leader() : members.get(0);
    for (Member to : members) {
      if (to != from && (random.nextBoolean() || to == members.get(1))) {
        journal.say("nothing from " + from + " reaches " + to);
        cluster.network().stall(from.name(), to.name());
      }
    }
    hold(1_000, 4_000);
    heal();
  }

  private void slow() throws InterruptedException {
    for (Member from : cluster.members()) {
      for (Member to : cluster.members()) {
        if (from != to && random.nextInt(3) > 0) {
          int millis = 5 + random.nextInt(random.nextInt(4) == 0 ? 1_000 : 150);
          long bytesPerSecond = random.nextInt(3) == 0 ? 200_000 : Long.MAX_VALUE;
          journal.say(
              String.format(
                  "from %s to %s it takes %d ms%s",
                  from, to, millis, bytesPerSecond == Long.MAX_VALUE ? "" : " and 5 s per MB"));
          cluster.network().slow(from.name(), to.name(), millis, bytesPerSecond);
        }
      }
    }
    hold(2_000, 3_000);
    heal();
  }

  private void flap() throws InterruptedException {
    for (int i = 0; i < 4; i++) {
      journal.say("break off all connections among members");
      cluster.network().reset();
      hold(100, 900);
    }
  }

  private void heal() {
    boolean late = random.nextBoolean();
    journal.say("heal the network" + (late ? ", what waited arrives" : ", what waited is lost"));
    if (!late) {
      cluster.network().reset();
    }
    cluster.network().heal();
  }

  // ---- The cluster's own operations

  private void moveLeader() throws InterruptedException {
    Member leader = leader();
    Member to = any();
    if (to == leader) {
      return;
    }
    journal.say("move the leader from " + leader + " to " + to);
    long id = Cluster.id(to);
    attempt(() -> cluster.moveLeader(leader, id));
  }

  private void replace() throws InterruptedException {
    Member leaving = any();
    // The newcomer is of the same make: the mixture stays.
    Make make = leaving.make();
    journal.say("add a learner");
    Member newcomer = cluster.add(make, true);
    newcomer.awaitReady();
    journal.say("promote " + newcomer);
    cluster.promote(newcomer);
    journal.say("remove " + leaving);
    cluster.remove(leaving);
    Await.that(STOPPING, leaving + " stops by itself", () -> !leaving.isUp());
    journal.say(leaving + " has stopped");
  }

  private void compact() throws InterruptedException {
    attempt(
        () -> {
          Member member = any();
          long revision = Cluster.revision(member) - random.nextInt(KEPT_REVISIONS);
          if (revision > 1) {
            journal.say("compact at " + revision);
            member
                .control()
                .call(
                    GrpcClient.COMPACT,
                    CompactionRequest.newBuilder().setRevision(revision).build(),
                    ASKING);
          }
        });
  }

  private void attempt(Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException refused) {
      journal.say("  refused: " + refused.getStatus().getDescription());
    }
  }
}
