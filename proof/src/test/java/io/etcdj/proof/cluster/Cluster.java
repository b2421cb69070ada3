package io.etcdj.proof.cluster;

import io.etcdj.api.etcdserverpb.HashKVRequest;
import io.etcdj.api.etcdserverpb.HashKVResponse;
import io.etcdj.api.etcdserverpb.MemberAddRequest;
import io.etcdj.api.etcdserverpb.MemberAddResponse;
import io.etcdj.api.etcdserverpb.MemberListRequest;
import io.etcdj.api.etcdserverpb.MemberListResponse;
import io.etcdj.api.etcdserverpb.MemberPromoteRequest;
import io.etcdj.api.etcdserverpb.MemberPromoteResponse;
import io.etcdj.api.etcdserverpb.MemberRemoveRequest;
import io.etcdj.api.etcdserverpb.MemberRemoveResponse;
import io.etcdj.api.etcdserverpb.MoveLeaderRequest;
import io.etcdj.api.etcdserverpb.MoveLeaderResponse;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.etcdserverpb.StatusResponse;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.ServerProcess;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Members that know each other, each with a directory of its own, on free ports. */
public final class Cluster implements AutoCloseable {
  private static final MethodDescriptor<MemberListRequest, MemberListResponse> LIST =
      GrpcClient.method(
          "etcdserverpb.Cluster/MemberList",
          MethodType.UNARY,
          MemberListRequest.class,
          MemberListResponse.class);
  static final MethodDescriptor<MemberAddRequest, MemberAddResponse> ADD =
      GrpcClient.method(
          "etcdserverpb.Cluster/MemberAdd",
          MethodType.UNARY,
          MemberAddRequest.class,
          MemberAddResponse.class);
  private static final MethodDescriptor<MemberPromoteRequest, MemberPromoteResponse> PROMOTE =
      GrpcClient.method(
          "etcdserverpb.Cluster/MemberPromote",
          MethodType.UNARY,
          MemberPromoteRequest.class,
          MemberPromoteResponse.class);
  private static final MethodDescriptor<MemberRemoveRequest, MemberRemoveResponse> REMOVE =
      GrpcClient.method(
          "etcdserverpb.Cluster/MemberRemove",
          MethodType.UNARY,
          MemberRemoveRequest.class,
          MemberRemoveResponse.class);
  private static final MethodDescriptor<MoveLeaderRequest, MoveLeaderResponse> MOVE_LEADER =
      GrpcClient.method(
          "etcdserverpb.Maintenance/MoveLeader",
          MethodType.UNARY,
          MoveLeaderRequest.class,
          MoveLeaderResponse.class);

  private static final Duration ELECTION = Duration.ofSeconds(30);
  private static final Duration CATCHING_UP = Duration.ofSeconds(60);
  private static final Duration CHANGING = Duration.ofSeconds(45);
  private static final Duration CHANGE = Duration.ofSeconds(7);
  private static final Duration HASHING = Duration.ofSeconds(60);
  private static final Duration ANSWERING = Duration.ofSeconds(60);

  private final Path directory;
  private final String peerScheme;
  private final List<String> flags;
  private final List<Member> members = new CopyOnWriteArrayList<>();
  private final List<Member> former = new CopyOnWriteArrayList<>();
  private final Network network = new Network(this::names);
  private int nextNumber = 1;

  private Cluster(Path directory, String peerScheme, List<String> flags) {
    this.directory = directory;
    this.peerScheme = peerScheme;
    this.flags = flags;
  }

  /**
   * Starts a cluster and waits until all members serve.
   *
   * @param directory for the members' data, each in a subdirectory named like it: m1, m2, ...
   * @param flags for all members
   */
  public static Cluster start(Path directory, Lineup lineup, String... flags) {
    return prepare(directory, lineup, flags).started();
  }

  /** The same with TLS between the members, about which the flags must say the rest. */
  public static Cluster startSecure(Path directory, Lineup lineup, String... flags) {
    return prepare(directory, lineup, "https", flags).started();
  }

  private Cluster started() {
    try {
      members.forEach(Member::launch);
      members.forEach(Member::awaitReady);
      return this;
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Prepares a cluster as {@link #start} does, without starting any of its members. */
  public static Cluster prepare(Path directory, Lineup lineup, String... flags) {
    return prepare(directory, lineup, "http", flags);
  }

  private static Cluster prepare(
      Path directory, Lineup lineup, String peerScheme, String... flags) {
    Cluster cluster = new Cluster(directory, peerScheme, List.of(flags));
    record Place(String name, Make make, ServerProcess.Settings settings, String url) {}
    List<Place> places = new ArrayList<>();
    for (Make make : lineup.makes()) {
      String name = "m" + cluster.nextNumber++;
      ServerProcess.Settings settings = cluster.settings(make, name);
      places.add(new Place(name, make, settings, cluster.url(name, settings)));
    }
    String initial =
        places.stream()
            .map(place -> place.name() + "=" + place.url())
            .collect(Collectors.joining(","));
    for (Place place : places) {
      ServerProcess.Settings settings =
          cluster.joining(place.settings(), place.name(), place.url(), initial, "new");
      cluster.members.add(new Member(place.name(), place.make(), settings, place.url()));
    }
    return cluster;
  }

  private ServerProcess.Settings settings(Make make, String name) {
    Path data = directory.resolve(name);
    return make == Make.OURS
        ? ServerProcess.Settings.ours(data).withSmallJvm()
        : ServerProcess.Settings.original(data);
  }

  private String url(String name, ServerProcess.Settings settings) {
    return peerScheme + "://127.0.0.1:" + network.join(name, settings.peerPort());
  }

  private ServerProcess.Settings joining(
      ServerProcess.Settings settings, String name, String url, String initial, String state) {
    List<String> all = new ArrayList<>(flags);
    // A flag that is given again counts as given last.
    all.add("--name=" + name);
    all.add("--listen-peer-urls=" + peerScheme + "://127.0.0.1:" + settings.peerPort());
    all.add("--initial-advertise-peer-urls=" + url);
    all.add("--initial-cluster=" + initial);
    all.add("--initial-cluster-state=" + state);
    return settings.withFlags(all.toArray(String[]::new));
  }

  /** Names of the processes that run. */
  private Map<Long, String> names() {
    Map<Long, String> names = new HashMap<>();
    for (List<Member> some : List.of(members, former)) {
      for (Member member : some) {
        if (member.isUp()) {
          names.put(member.process().pid(), member.name());
        }
      }
    }
    return names;
  }

  /** Those that belong to it now, running or not. */
  public List<Member> members() {
    return List.copyOf(members);
  }

  /** Those that run and are not paused. */
  public List<Member> running() {
    return members.stream().filter(Member::isRunning).toList();
  }

  public Network network() {
    return network;
  }

  // ---- Leadership

  /** The member that says it leads, in the newest term if several do. */
  public Optional<Member> leader() {
    record Claim(Member member, long term) {}
    List<Claim> claims = new ArrayList<>();
    for (Member member : members) {
      member
          .status()
          .filter(status -> status.getLeader() == status.getHeader().getMemberId())
          .ifPresent(status -> claims.add(new Claim(member, status.getRaftTerm())));
    }
    return claims.stream().max(Comparator.comparingLong(Claim::term)).map(Claim::member);
  }

  public Member awaitLeader() throws InterruptedException {
    return Await.value(ELECTION, "a leader", this::leader);
  }

  /** Waits until all running members follow one leader and have applied what it has. */
  public void awaitSettled() throws InterruptedException {
    Await.that(
        CATCHING_UP,
        "one leader, and all up with it",
        () -> {
          List<StatusResponse> statuses =
              members.stream().flatMap(member -> member.status().stream()).toList();
          return statuses.size() == running().size()
              && !statuses.isEmpty()
              && statuses.get(0).getLeader() != 0
              && statuses.stream().map(StatusResponse::getLeader).distinct().count() == 1
              && statuses.stream().map(StatusResponse::getRaftIndex).distinct().count() == 1;
        });
  }

  /** Asks the leader to hand over to the member of this id. */
  public void moveLeader(Member leader, long to) {
    leader
        .control()
        .call(MOVE_LEADER, MoveLeaderRequest.newBuilder().setTargetID(to).build(), CHANGE);
  }

  // ---- Membership

  /** The id of a member that runs. */
  public static long id(Member member) throws InterruptedException {
    return header(member).getMemberId();
  }

  /** What a member that runs says of itself and its cluster. */
  public static ResponseHeader header(Member member) throws InterruptedException {
    return Await.value(ANSWERING, member + " says who it is", member::status).getHeader();
  }

  /** The members as this one knows them. */
  public static MemberListResponse list(Member member) {
    return member.control().call(LIST, MemberListRequest.getDefaultInstance(), CHANGE);
  }

  /**
   * Asks one running member after the other for a change until their list shows it: changes are
   * refused while a member has not been connected for some seconds, and answers may be lost.
   *
   * @return the list then
   */
  private MemberListResponse change(
      String what, Consumer<Member> ask, Predicate<MemberListResponse> done)
      throws InterruptedException {
    AtomicInteger turn = new AtomicInteger();
    AtomicReference<Object> refusal = new AtomicReference<>("nobody was asked");
    return Await.value(
        CHANGING,
        () -> what + ": " + refusal,
        () -> {
          List<Member> running = running();
          Member member = running.get(turn.getAndIncrement() % running.size());
          try {
            MemberListResponse list = list(member);
            if (!done.test(list)) {
              ask.accept(member);
              list = list(member);
            }
            return Optional.of(list).filter(done);
          } catch (StatusRuntimeException refused) {
            refusal.set(member + " says " + refused.getStatus());
            return Optional.empty();
          }
        });
  }

  /** Adds a member to the configuration and starts it; does not wait until it serves. */
  public Member add(Make make, boolean learner) throws InterruptedException {
    String name = "m" + nextNumber++;
    ServerProcess.Settings settings = settings(make, name);
    String url = url(name, settings);
    MemberAddRequest request =
        MemberAddRequest.newBuilder().addPeerURLs(url).setIsLearner(learner).build();
    MemberListResponse list =
        change(
            "add " + name,
            member -> member.control().call(ADD, request, CHANGE),
            now -> now.getMembersList().stream().anyMatch(m -> m.getPeerURLs(0).equals(url)));
    String initial =
        list.getMembersList().stream()
            .map(m -> m.getPeerURLs(0))
            .map(each -> (each.equals(url) ? name : nameOf(each)) + "=" + each)
            .collect(Collectors.joining(","));
    Member member = new Member(name, make, joining(settings, name, url, initial, "existing"), url);
    members.add(member);
    member.launch();
    return member;
  }

  private String nameOf(String peerUrl) {
    return members.stream()
        .filter(member -> member.peerUrl().equals(peerUrl))
        .findFirst()
        .orElseThrow()
        .name();
  }

  /** Makes a learner a voter, once it is in sync. */
  public void promote(Member learner) throws InterruptedException {
    long id = id(learner);
    MemberPromoteRequest request = MemberPromoteRequest.newBuilder().setID(id).build();
    change(
        "promote " + learner,
        member -> member.control().call(PROMOTE, request, CHANGE),
        now -> now.getMembersList().stream().anyMatch(m -> m.getID() == id && !m.getIsLearner()));
  }

  /** Takes a member out of the configuration; its process is left to end by itself. */
  public void remove(Member leaving) throws InterruptedException {
    long id = id(leaving);
    MemberRemoveRequest request = MemberRemoveRequest.newBuilder().setID(id).build();
    members.remove(leaving);
    former.add(leaving);
    change(
        "remove " + leaving,
        member -> member.control().call(REMOVE, request, CHANGE),
        now -> now.getMembersList().stream().noneMatch(m -> m.getID() == id));
  }

  // ---- Content

  /** The newest revision of the store, by a linearizable read. */
  public static long revision(Member through) {
    return through
        .control()
        .call(
            GrpcClient.RANGE,
            RangeRequest.newBuilder().setKey(GrpcClient.bytes("revision")).build(),
            CHANGE)
        .getHeader()
        .getRevision();
  }

  /** The hash of everything up to this revision, once the member has come so far. */
  public static int hash(Member member, long revision) throws InterruptedException {
    return Await.value(
        HASHING,
        member + " at revision " + revision,
        () -> {
          HashKVResponse response =
              member
                  .control()
                  .call(
                      GrpcClient.HASH_KV, HashKVRequest.newBuilder().setRevision(revision).build());
          return Optional.of(response.getHash());
        });
  }

  @Override
  public void close() {
    members.forEach(Member::close);
    former.forEach(Member::close);
    network.close();
  }

  /** The last lines of every member's log, for a failure. */
  public String logs(int lines) {
    StringBuilder text = new StringBuilder();
    for (Member member : members) {
      List<String> all = List.of(member.process().log().split("\n", -1));
      text.append("\n---- ").append(member).append(", end of its log\n");
      text.append(String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size())));
    }
    return text.toString();
  }
}
