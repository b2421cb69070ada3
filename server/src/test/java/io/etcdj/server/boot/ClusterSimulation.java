package io.etcdj.server.boot;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.api.etcdserverpb.Compare;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.DeleteRangeResponse;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfChangeType;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import io.etcdj.state.apply.Applied;
import io.etcdj.state.membership.Member;
import io.etcdj.state.membership.MemberIds;
import io.etcdj.state.membership.MemberJson;
import io.etcdj.state.mvcc.Snapshot;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of whole members in one thread, on virtual time, network and disks, and clients that
 * write and read through any member; one seed decides everything.
 *
 * <p>Everything is an event at a virtual moment. After a stormy part the weather clears; the
 * cluster must come to agree again, and the {@link ClusterHistory} must be whole.
 *
 * <p>What the network does not do: repeat a forwarded proposal, or a snapshot. TCP repeats neither,
 * and nothing in Raft would notice the former.
 */
final class ClusterSimulation {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final long STORM = 10 * SECOND;
  private static final long PATIENCE = 90 * SECOND;
  private static final int CLIENTS = 5;
  private static final int WATCHERS = 3;
  private static final int MOST_MEMBERS = 6;
  private static final List<String> KEYS = List.of("a", "b", "c");

  private record Happening(long at, long order, Runnable what) implements Comparable<Happening> {
    @Override
    public int compareTo(Happening other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  private record Link(String from, String to) {}

  private final Random random;
  private final ClusterHistory history = new ClusterHistory();
  private final PriorityQueue<Happening> agenda = new PriorityQueue<>();
  private final List<ClusterNode> nodes = new ArrayList<>();
  private final Set<Link> broken = new HashSet<>();
  private final List<ClusterWatches.Client> watchers = new ArrayList<>();

  /** Where each watcher is now, by name. */
  private final Map<String, ClusterNode.Life> watching = new TreeMap<>();

  private final @Nullable Consumer<String> trace;
  private long now;
  private long order;
  private long steps;
  private boolean storm = true;

  /** The next revision when the storm ended; ten more must come after it. */
  private long quietSince = Long.MAX_VALUE / 2;

  private int counter;
  private int births;
  private long changeUnderWayUntil;
  private ClusterNode.@Nullable Life contact;

  // The weather of this run.
  private final int lossPercent;
  private final int repeatPercent;
  private final long slowestPacket;
  private final long faultPause;
  private final boolean membershipChanges;
  private final boolean preVote;
  private final int electionTicks;

  // What has come to pass.
  int crashes;
  int installs;
  int changes;
  int transfers;

  ClusterSimulation(long seed, @Nullable Consumer<String> trace) {
    this.random = new Random(seed);
    this.trace = trace;
    lossPercent = random.nextInt(3) * 4;
    repeatPercent = random.nextInt(3) * 4;
    slowestPacket = (2 + random.nextInt(20)) * MILLI;
    faultPause = (80 + random.nextInt(500)) * MILLI;
    membershipChanges = random.nextBoolean();
    preVote = random.nextInt(3) != 0;
    electionTicks = 4 + random.nextInt(7); // the fewer, the more often two stand at once
    int members = 3 + random.nextInt(3);
    Map<String, List<String>> cluster = new TreeMap<>();
    while (births < members) {
      String name = "n" + ++births;
      cluster.put(name, List.of(url(name)));
    }
    for (String name : cluster.keySet()) {
      ClusterNode node = new ClusterNode(this, name, cluster, false);
      nodes.add(node);
      at(upTo(200 * MILLI), node::start);
    }
    for (int i = 0; i < CLIENTS; i++) {
      at(500 * MILLI + upTo(SECOND), this::clientActs);
    }
    for (int i = 0; i < WATCHERS; i++) {
      watchers.add(new ClusterWatches.Client("watcher " + i, history));
    }
    at(SECOND, this::moveWatchers);
    at(SECOND, this::fault);
  }

  private static String url(String name) {
    return "http://" + name + ":2380";
  }

  void run() {
    while (now < STORM) {
      step();
    }
    calmDown();
    while (!settled()) {
      for (int i = 0; i < 100; i++) {
        step();
      }
      if (now > STORM + PATIENCE) {
        throw new AssertionError("liveness: no agreement long after the storm" + sight());
      }
    }
    for (ClusterNode node : nodes) {
      ClusterNode.Life life = node.life();
      if (life != null && !node.isGone()) {
        history.compareWhole(node.name(), life.store());
      }
    }
  }

  private void step() {
    Happening next = agenda.remove();
    now = next.at();
    steps++;
    next.what().run();
  }

  // ---- Time and chance -------------------------------------------------------------------------

  Random random() {
    return random;
  }

  boolean preVote() {
    return preVote;
  }

  int electionTicks() {
    return electionTicks;
  }

  ClusterHistory history() {
    return history;
  }

  long now() {
    return now;
  }

  long steps() {
    return steps;
  }

  void at(long moment, Runnable what) {
    agenda.add(new Happening(Math.max(moment, now), order++, what));
  }

  /** A duration below {@code nanos}. */
  long upTo(long nanos) {
    return nanos <= 0 ? 0 : (long) (random.nextDouble() * nanos);
  }

  private boolean percent(int chance) {
    return random.nextInt(100) < chance;
  }

  private void log(String what) {
    if (trace != null) {
      trace.accept(String.format("%8.3f %s", now / 1e9, what));
    }
  }

  // ---- The network -----------------------------------------------------------------------------

  private @Nullable ClusterNode nodeOf(long id) {
    for (ClusterNode node : nodes) {
      ClusterNode.Life life = node.life();
      if (life != null && life.id() == id) {
        return node;
      }
    }
    return null;
  }

  void send(ClusterNode from, Message message, long departure) {
    ClusterNode to = nodeOf(message.getTo());
    if (to == null || isLost(from, to)) {
      ClusterNode.Life sender = from.life();
      if (sender != null && percent(30)) {
        sender.unreachable(message.getTo());
      }
      return;
    }
    MessageType type = message.getType();
    if (storm && type == MessageType.MsgVoteResp && !message.getReject() && percent(15)) {
      ClusterNode.Life life = from.life();
      at(departure + upTo(MILLI), () -> crashIfSame(from, life)); // when it is most tempting
    }
    boolean late = storm && percent(type == MessageType.MsgVote ? 30 : 5);
    long delay = upTo(late ? 10 * slowestPacket : slowestPacket);
    at(departure + delay, () -> deliver(from, to, message));
    if (storm && percent(repeatPercent) && type != MessageType.MsgProp) {
      at(departure + upTo(20 * slowestPacket), () -> deliver(from, to, message));
    }
  }

  private boolean isLost(ClusterNode from, ClusterNode to) {
    return broken.contains(new Link(from.name(), to.name())) || (storm && percent(lossPercent));
  }

  private void deliver(ClusterNode from, ClusterNode to, Message message) {
    ClusterNode.Life life = to.life();
    if (life == null || life.id() != message.getTo()) {
      return;
    }
    if (life.membership().isRemoved(message.getFrom())) {
      log(from.name() + " hears of " + to.name() + " that it is removed");
      from.leave();
      return;
    }
    life.receive(message);
  }

  void sendDatabase(ClusterNode from, Message message, byte[] rows) {
    ClusterNode to = nodeOf(message.getTo());
    ClusterNode.Life sender = from.life();
    at(
        now + upTo(500 * MILLI),
        () -> {
          ClusterNode.Life receiver = to == null ? null : to.life();
          boolean ok =
              to != null
                  && receiver != null
                  && !isLost(from, to)
                  && !receiver.membership().isRemoved(message.getFrom())
                  && receiver.receiveDatabase(message, rows);
          log(
              from.name()
                  + " sends the database to "
                  + (to == null ? "nobody" : to.name())
                  + " at "
                  + message.getSnapshot().getMetadata().getIndex()
                  + (ok ? "" : ", in vain"));
          if (sender != null) {
            sender.databaseSent(message.getTo(), ok && !(storm && percent(5)));
          }
        });
  }

  /** What a member that joins is told of the cluster. */
  Neighbours.@Nullable Cluster ask(List<String> peerUrls) {
    return contact == null
        ? null
        : new Neighbours.Cluster(contact.clusterId(), contact.membership().members());
  }

  // ---- Faults ----------------------------------------------------------------------------------

  void crashed(ClusterNode node) {
    crashes++;
    log(node.name() + " crashes");
    at(now + 5 * MILLI + upTo(percent(15) ? 2 * SECOND : 60 * MILLI), node::start);
  }

  private @Nullable ClusterNode anyNode() {
    ClusterNode node = nodes.get(random.nextInt(nodes.size()));
    return node.life() == null ? null : node;
  }

  private @Nullable ClusterNode anyLeader() {
    for (ClusterNode node : nodes) {
      ClusterNode.Life life = node.life();
      if (life != null && life.view().leads()) {
        return node;
      }
    }
    return null;
  }

  private void fault() {
    if (!storm) {
      return;
    }
    at(now + upTo(2 * faultPause), this::fault);
    ClusterNode node = percent(40) ? anyLeader() : anyNode();
    if (node == null) {
      return;
    }
    int dice = random.nextInt(100);
    if (dice < 18) {
      log("power of " + node.name() + " will be cut");
      node.cutPowerSoon();
      ClusterNode.Life life = node.life();
      at(now + 500 * MILLI, () -> crashIfSame(node, life));
    } else if (dice < 21) {
      node.crash();
      if (percent(10)) {
        nodes.forEach(ClusterNode::crash);
      }
    } else if (dice < 25) {
      log("a sync of " + node.name() + " will fail");
      node.failNextSync();
    } else if (dice < 46) {
      partition(node);
      at(now + upTo(2 * SECOND), this::heal);
    } else if (dice < 54) {
      heal();
    } else if (dice < 60) {
      log(node.name() + " is paused");
      node.pauseUntil(now + upTo(SECOND));
    } else if (dice < 66) {
      node.slowDisk(percent(50) ? 0 : upTo(percent(20) ? 300 * MILLI : 10 * MILLI));
    } else if (dice < 76) {
      node.slowApply(percent(50) ? 0 : upTo(percent(20) ? 200 * MILLI : 30 * MILLI));
    } else if (dice < 83) {
      transferLeader(node);
    } else if (dice < 88) {
      compact(node);
    } else if (membershipChanges) {
      changeMembers(node);
    }
  }

  private void heal() {
    log("links heal");
    broken.clear();
  }

  private void crashIfSame(ClusterNode node, ClusterNode.@Nullable Life life) {
    if (node.life() == life && life != null) {
      node.crash();
    }
  }

  private void partition(ClusterNode one) {
    if (percent(50)) {
      broken.clear();
    }
    Set<String> side = new HashSet<>(Set.of(one.name()));
    if (percent(40)) {
      nodes.forEach(
          node -> {
            if (percent(50)) {
              side.add(node.name());
            }
          });
    }
    int direction = random.nextInt(4);
    for (ClusterNode from : nodes) {
      for (ClusterNode to : nodes) {
        boolean out = side.contains(from.name()) && !side.contains(to.name());
        boolean in = !side.contains(from.name()) && side.contains(to.name());
        if ((out && direction != 0) || (in && direction != 1)) {
          broken.add(new Link(from.name(), to.name()));
        }
      }
    }
    log("broken: " + broken.size() + " links around " + one.name());
  }

  private void transferLeader(ClusterNode node) {
    ClusterNode to = anyNode();
    ClusterNode.Life life = node.life();
    ClusterNode.Life target = to == null ? null : to.life();
    if (life != null && target != null) {
      transfers++;
      life.transferLeader(target.id());
    }
  }

  private void compact(ClusterNode node) {
    ClusterNode.Life life = node.life();
    long target = history.nextRevision() - 2 - random.nextInt(20);
    if (life == null || target < 2) {
      return;
    }
    CompactionRequest.Builder request = CompactionRequest.newBuilder().setRevision(target);
    propose(life, InternalRaftRequest.newBuilder().setCompaction(request), applied -> {});
  }

  // ---- Membership ------------------------------------------------------------------------------

  private void changeMembers(ClusterNode node) {
    ClusterNode.Life life = node.life();
    if (life == null || now < changeUnderWayUntil) {
      return;
    }
    List<Member> members = life.membership().members();
    List<Member> learners = members.stream().filter(Member::isLearner).toList();
    int voters = members.size() - learners.size();
    if (!learners.isEmpty() && percent(70)) {
      long id = learners.get(0).id();
      proposeChange(
          life,
          ConfChange.newBuilder()
              .setType(ConfChangeType.ConfChangeAddNode)
              .setNodeId(id)
              .setContext(ByteString.copyFromUtf8(MemberJson.promotion(id))));
    } else if (members.size() < MOST_MEMBERS && percent(60)) {
      String name = "n" + ++births;
      boolean learner = percent(60);
      long id = MemberIds.ofAddedMember(List.of(url(name)), births);
      Member added = new Member(id, List.of(url(name)), "", List.of(), learner);
      proposeChange(
          life,
          ConfChange.newBuilder()
              .setType(
                  learner
                      ? ConfChangeType.ConfChangeAddLearnerNode
                      : ConfChangeType.ConfChangeAddNode)
              .setNodeId(id)
              .setContext(ByteString.copyFromUtf8(MemberJson.write(added))));
      at(now + upTo(SECOND), () -> join(name));
    } else if (voters > 3) {
      Member leaving = members.get(random.nextInt(members.size()));
      proposeChange(
          life,
          ConfChange.newBuilder()
              .setType(ConfChangeType.ConfChangeRemoveNode)
              .setNodeId(leaving.id()));
    }
  }

  private void proposeChange(ClusterNode.Life life, ConfChange.Builder change) {
    changeUnderWayUntil = now + 2 * SECOND; // long enough for it to happen or be forgotten
    life.proposals()
        .proposeChange(
            change,
            (applied, completions) -> {
              if (applied.refusal() == null) {
                changes++;
                changeUnderWayUntil = now;
                log("members: " + life.membership().members());
              }
            });
  }

  /** Starts a member that was added, once somebody knows it. */
  private void join(String name) {
    for (ClusterNode node : nodes) {
      ClusterNode.Life life = node.life();
      if (life == null || node.isGone()) {
        continue;
      }
      Map<String, List<String>> cluster = new TreeMap<>();
      for (Member member : life.membership().members()) {
        String host = URI.create(member.peerUrls().get(0)).getHost();
        cluster.put(host, member.peerUrls());
      }
      if (cluster.containsKey(name)) {
        log(name + " joins");
        contact = life;
        ClusterNode joined = new ClusterNode(this, name, cluster, true);
        nodes.add(joined);
        joined.start();
        return;
      }
    }
    if (storm || now < STORM + 10 * SECOND) {
      at(now + 300 * MILLI, () -> join(name));
    }
  }

  // ---- Clients ---------------------------------------------------------------------------------

  private void clientActs() {
    if (!storm && history.nextRevision() > quietSince + 10) {
      return;
    }
    ClusterNode node = anyNode();
    if (node == null) {
      at(now + upTo(20 * MILLI), this::clientActs);
      return;
    }
    boolean[] goneOn = {false};
    Runnable goOn =
        () -> {
          if (!goneOn[0]) {
            goneOn[0] = true;
            at(now + upTo(40 * MILLI), this::clientActs);
          }
        };
    int dice = random.nextInt(100);
    String key = KEYS.get(random.nextInt(KEYS.size()));
    String value = dice < 60 ? "v" + ++counter : null;
    ClusterHistory.Operation operation = history.begin(value);
    at(
        now + 100 * MILLI + upTo(SECOND),
        () -> {
          if (!operation.ended()) {
            history.gaveUp(operation);
            goOn.run();
          }
        });
    ClusterNode.Life life = node.life();
    Runnable ask =
        () -> {
          if (life == null || life.isDead()) {
            history.gaveUp(operation); // the connection breaks; also when nothing was sent
            goOn.run();
          } else if (value == null) {
            if (dice < 95) {
              read(life, operation, goOn);
            } else {
              delete(life, operation, key, goOn);
            }
          } else if (dice < 30) {
            put(life, operation, key, value, goOn);
          } else if (dice < 40) {
            putAll(life, operation, value, goOn);
          } else {
            compareAndSet(life, operation, key, value, goOn);
          }
        };
    at(Math.max(now, node.pausedUntil()), ask);
  }

  private void propose(
      ClusterNode.Life life, InternalRaftRequest.Builder request, Consumer<Applied> done) {
    try {
      life.proposals().propose(request, (applied, completions) -> done.accept(applied));
    } catch (EtcdException refused) {
      done.accept(Applied.refused(refused));
    }
  }

  /** Whether an answer tells what happened, and to a client that still waits. */
  private boolean tells(Applied applied, ClusterHistory.Operation operation) {
    if (operation.ended()) {
      return false;
    }
    if (applied.refusal() != null) {
      history.gaveUp(operation);
      return false;
    }
    return true;
  }

  private static PutRequest putOf(String key, String value) {
    return PutRequest.newBuilder()
        .setKey(ByteString.copyFromUtf8(key))
        .setValue(ByteString.copyFromUtf8(value))
        .build();
  }

  private void put(
      ClusterNode.Life life,
      ClusterHistory.Operation operation,
      String key,
      String value,
      Runnable goOn) {
    propose(
        life,
        InternalRaftRequest.newBuilder().setPut(putOf(key, value)),
        applied -> {
          if (tells(applied, operation) && applied.response() instanceof PutResponse response) {
            history.wrote(
                operation,
                response.getHeader().getRevision(),
                List.of(new ClusterHistory.Effect(key, value)));
          }
          goOn.run();
        });
  }

  private void putAll(
      ClusterNode.Life life, ClusterHistory.Operation operation, String value, Runnable goOn) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    List<ClusterHistory.Effect> effects = new ArrayList<>();
    for (String key : KEYS) {
      txn.addSuccess(RequestOp.newBuilder().setRequestPut(putOf(key, value)));
      effects.add(new ClusterHistory.Effect(key, value));
    }
    propose(
        life,
        InternalRaftRequest.newBuilder().setTxn(txn),
        applied -> {
          if (tells(applied, operation) && applied.response() instanceof TxnResponse response) {
            history.wrote(operation, response.getHeader().getRevision(), effects);
          }
          goOn.run();
        });
  }

  /** On what this member has of the key now, which may be old: then the answer says what it is. */
  private void compareAndSet(
      ClusterNode.Life life,
      ClusterHistory.Operation operation,
      String key,
      String value,
      Runnable goOn) {
    KeyValue known;
    try (Snapshot snapshot = life.store().snapshot()) {
      known = snapshot.asOf(key.getBytes(UTF_8), snapshot.revision());
    }
    TxnRequest.Builder txn =
        TxnRequest.newBuilder()
            .addCompare(
                Compare.newBuilder()
                    .setKey(ByteString.copyFromUtf8(key))
                    .setTarget(Compare.CompareTarget.MOD)
                    .setResult(Compare.CompareResult.EQUAL)
                    .setModRevision(known == null ? 0 : known.getModRevision()))
            .addSuccess(RequestOp.newBuilder().setRequestPut(putOf(key, value)))
            .addFailure(
                RequestOp.newBuilder()
                    .setRequestRange(
                        RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key))));
    propose(
        life,
        InternalRaftRequest.newBuilder().setTxn(txn),
        applied -> {
          if (tells(applied, operation) && applied.response() instanceof TxnResponse response) {
            long revision = response.getHeader().getRevision();
            if (response.getSucceeded()) {
              history.wrote(operation, revision, List.of(new ClusterHistory.Effect(key, value)));
            } else {
              List<KeyValue> found = response.getResponses(0).getResponseRange().getKvsList();
              history.read(
                  operation, revision, List.of(effect(key, found.isEmpty() ? null : found.get(0))));
            }
          }
          goOn.run();
        });
  }

  private static ClusterHistory.Effect effect(String key, @Nullable KeyValue found) {
    return new ClusterHistory.Effect(key, found == null ? null : found.getValue().toStringUtf8());
  }

  private void delete(
      ClusterNode.Life life, ClusterHistory.Operation operation, String key, Runnable goOn) {
    propose(
        life,
        InternalRaftRequest.newBuilder()
            .setDeleteRange(DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key))),
        applied -> {
          if (tells(applied, operation)
              && applied.response() instanceof DeleteRangeResponse response) {
            long revision = response.getHeader().getRevision();
            List<ClusterHistory.Effect> gone = List.of(new ClusterHistory.Effect(key, null));
            if (response.getDeleted() == 0) {
              history.read(operation, revision, gone);
            } else {
              history.wrote(operation, revision, gone);
            }
          }
          goOn.run();
        });
  }

  private void read(ClusterNode.Life life, ClusterHistory.Operation operation, Runnable goOn) {
    life.gate()
        .pass(
            Runnable::run,
            () -> {
              if (operation.ended()) {
                return;
              }
              try (Snapshot snapshot = life.store().snapshot()) {
                List<ClusterHistory.Effect> seen = new ArrayList<>();
                for (String key : KEYS) {
                  seen.add(effect(key, snapshot.asOf(key.getBytes(UTF_8), snapshot.revision())));
                }
                history.read(operation, snapshot.revision(), seen);
              }
              goOn.run();
            },
            refused -> {
              if (!operation.ended()) {
                history.gaveUp(operation);
                goOn.run();
              }
            });
  }

  private void moveWatchers() {
    for (ClusterWatches.Client client : watchers) {
      ClusterNode.Life there = watching.get(client.toString());
      if (there != null && !there.isDead() && percent(storm ? 85 : 100)) {
        continue;
      }
      if (there != null) {
        there.watches().remove(client);
        watching.remove(client.toString());
      }
      ClusterNode node = anyNode();
      ClusterNode.Life life = node == null ? null : node.life();
      if (life != null) {
        life.watches().add(client);
        watching.put(client.toString(), life);
      }
    }
    at(now + upTo(600 * MILLI), this::moveWatchers);
  }

  // ---- After the storm -------------------------------------------------------------------------

  private void calmDown() {
    log("the storm is over");
    storm = false;
    quietSince = history.nextRevision();
    broken.clear();
    for (ClusterNode node : nodes) {
      if (node.isGone()) {
        continue;
      }
      node.crash(); // ends faults that are yet to come; what is acknowledged must survive
      node.slowDisk(0);
      node.slowApply(0);
      node.start();
    }
    at(now + 2 * SECOND, this::clientActs);
  }

  /** Whether all members have the same, and watchers all of it. */
  private boolean settled() {
    if (history.nextRevision() < quietSince + 10) {
      return false;
    }
    ClusterNode.Life newest = newest();
    if (newest == null) {
      return false;
    }
    ConfState state = newest.confState();
    int members = state.getVotersCount() + state.getLearnersCount();
    int alike = 0;
    for (ClusterNode node : nodes) {
      ClusterNode.Life life = node.life();
      boolean member =
          life != null
              && (state.getVotersList().contains(life.id())
                  || state.getLearnersList().contains(life.id()));
      if (life != null && !member) {
        if (newest.membership().isRemoved(life.id())) {
          node.leave(); // one that never heard of a leader hears it when it opens a stream
        }
        return false;
      }
      if (life != null
          && life.appliedIndex() == newest.appliedIndex()
          && life.lastIndex() == newest.lastIndex()) {
        alike++;
      }
    }
    return alike == members
        && watchers.stream().allMatch(client -> client.next() == history.nextRevision());
  }

  private ClusterNode.@Nullable Life newest() {
    ClusterNode.Life newest = null;
    for (ClusterNode node : nodes) {
      ClusterNode.Life life = node.life();
      if (life != null && (newest == null || life.appliedIndex() > newest.appliedIndex())) {
        newest = life;
      }
    }
    return newest;
  }

  private String sight() {
    StringBuilder sight = new StringBuilder();
    for (ClusterNode node : nodes) {
      ClusterNode.Life life = node.life();
      sight.append('\n').append(node.name()).append(node.isGone() ? " left" : "");
      if (life != null) {
        sight
            .append(" id ")
            .append(Long.toUnsignedString(life.id()))
            .append(" applied ")
            .append(life.appliedIndex())
            .append(" of ")
            .append(life.lastIndex())
            .append(" leader ")
            .append(Long.toUnsignedString(life.view().leader()))
            .append(" term ")
            .append(life.view().term())
            .append(' ')
            .append(life.confState().toString().replace('\n', ' '));
      }
    }
    for (ClusterWatches.Client client : watchers) {
      sight.append('\n').append(client).append(" waits for ").append(client.next());
    }
    return sight.append("\nnext revision ").append(history.nextRevision()).toString();
  }
}
