package io.etcdj.proof.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.etcdj.api.etcdserverpb.MemberAddRequest;
import io.etcdj.proof.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clusters whose members are not told who the others are: by a registry, and by the DNS. */
@Timeout(180)
final class FoundingTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String DOMAIN = "example.test";
  private static final String SERVICE = "_etcd-server._tcp." + DOMAIN;

  @TempDir private Path directory;

  private final List<Member> members = new ArrayList<>();

  @AfterEach
  void end() {
    members.forEach(Member::close);
  }

  private Member member(String name, Make make, String... flags) {
    return member(name, make, directory.resolve(name), List.of(), flags);
  }

  private Member member(String name, Make make, Path data, List<String> jvmFlags, String... flags) {
    ServerProcess.Settings settings =
        make == Make.OURS
            ? ServerProcess.Settings.ours(data).withSmallJvm()
            : ServerProcess.Settings.original(data);
    List<String> all = new ArrayList<>(settings.jvmFlags());
    all.addAll(jvmFlags);
    settings =
        settings
            .withJvmFlags(all.toArray(String[]::new))
            .withFlags("--name=" + name, "--initial-cluster=")
            .withFlags(flags);
    Member member = new Member(name, make, settings, "http://127.0.0.1:" + settings.peerPort());
    members.add(member);
    return member;
  }

  /** All serve, and all have the same members. */
  private static void awaitOneCluster(Member... all) throws InterruptedException {
    for (Member member : all) {
      member.awaitReady();
    }
    List<String> names = Arrays.stream(all).map(Member::name).sorted().toList();
    for (Member member : all) {
      Await.that(
          SOON,
          member + " knows " + names,
          () ->
              Cluster.list(member).getMembersList().stream()
                  .map(one -> one.getName())
                  .sorted()
                  .toList()
                  .equals(names));
    }
    all[0].control().put("k", "v");
    for (Member member : all) {
      assertThat(member.control().get("k").getKvs(0).getValue().toStringUtf8()).isEqualTo("v");
    }
    Set<Long> clusters = new HashSet<>();
    for (Member member : all) {
      clusters.add(Cluster.header(member).getClusterId());
    }
    assertThat(clusters).hasSize(1);
  }

  private static String http(String method, String url, String form)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .method(method, HttpRequest.BodyPublishers.ofString(form))
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  // ---- By a registry

  /** A directory of the original's v2 API, for so many members. */
  private static String token(ServerProcess registry, int size)
      throws IOException, InterruptedException {
    String url = registry.endpoint() + "/v2/keys/discovery/tok";
    assertThat(http("PUT", url + "/_config/size", "value=" + size)).contains("\"action\":\"set\"");
    return url;
  }

  private ServerProcess registry() {
    assumeTrue(Files.exists(ServerProcess.ORIGINAL), "the original is not installed");
    return ServerProcess.start(
        ServerProcess.Settings.original(directory.resolve("registry")).withFlags("--enable-v2"));
  }

  @Test
  void membersThatMeetInADirectoryOfAnotherEtcdAreACluster() throws Exception {
    try (ServerProcess registry = registry()) {
      String url = token(registry, 3);
      Member first = member("m1", Make.OURS, "--discovery=" + url);
      Member second = member("m2", Make.OURS, "--discovery=" + url);
      Member third = member("m3", Make.OURS, "--discovery=" + url);
      first.launch();
      first.process().awaitLog("found peers from discovery server; waiting for more", SOON);
      second.launch();
      third.launch();
      awaitOneCluster(first, second, third);

      String all = url + "?recursive=true&sorted=true"; // else in any order
      String listing = http("GET", all, "");
      for (Member member : List.of(first, second, third)) {
        String id = Long.toHexString(Cluster.id(member));
        assertThat(listing)
            .containsPattern(
                "\"key\":\"/discovery/tok/"
                    + id
                    + "\",\"value\":\""
                    + member.name()
                    + "="
                    + member.peerUrl()
                    + "\"");
      }

      Member fourth = member("m4", Make.OURS, "--discovery=" + url);
      fourth.launch();
      assertThat(fourth.process().awaitExit(SOON)).isEqualTo(1);
      assertThat(fourth.process().log())
          .contains("failed to join discovery cluster (discovery: cluster is full)")
          .contains("do not reuse discovery token; generate a new one to bootstrap a cluster");
      assertThat(http("GET", all, "")).isEqualTo(listing);

      // With its data a member needs no registry.
      registry.kill();
      third.stop();
      third.launch();
      third
          .process()
          .awaitLog("discovery token is ignored since cluster already initialized", SOON);
      awaitOneCluster(first, second, third);
    }
  }

  @Test
  void aMemberThatLostItsDataIsKnownToTheRegistry() throws Exception {
    try (ServerProcess registry = registry()) {
      String url = token(registry, 1);
      Member only = member("m1", Make.OURS, "--discovery=" + url);
      only.launch();
      awaitOneCluster(only);
      only.stop();
      try (ServerProcess again =
          ServerProcess.launch(
              only.settings().withFlags("--data-dir=" + directory.resolve("empty")))) {
        assertThat(again.awaitExit(SOON)).isEqualTo(1);
        assertThat(again.log())
            .contains("member has been registered with discovery service")
            .contains("failed to join discovery cluster (discovery: found duplicate id)");
      }
    }
  }

  @Test
  void membersOfBothMakesMeet() throws Exception {
    try (ServerProcess registry = registry()) {
      String url = token(registry, 3);
      Member original = member("m1", Make.ORIGINAL, "--discovery=" + url);
      Member second = member("m2", Make.OURS, "--discovery=" + url);
      Member third = member("m3", Make.OURS, "--discovery=" + url);
      second.launch();
      original.launch();
      third.launch();
      awaitOneCluster(second, third, original);
    }
  }

  @Test
  void aTokenThatNobodyMadeIsToldAndEndsTheStart() {
    try (ServerProcess registry = registry()) {
      Member lost =
          member("m1", Make.OURS, "--discovery=" + registry.endpoint() + "/v2/keys/discovery/no");
      lost.launch();
      assertThat(lost.process().awaitExit(SOON)).isEqualTo(1);
      assertThat(lost.process().log())
          .contains("failed to join discovery cluster (discovery: size key not found)");
    }
  }

  // ---- By the DNS

  /** A member whose name servers and hosts are the test's. */
  private Member named(NameServer dns, Path hosts, String name, String... flags) {
    List<String> jvmFlags =
        List.of(
            "-Djava.naming.provider.url=" + dns.url(),
            "-Djdk.net.hosts.file=" + hosts,
            "-Dvertx.disableDnsResolver=true"); // so that peers are found by the JDK, too
    List<String> all = new ArrayList<>(List.of(flags));
    all.add("--discovery-srv=" + DOMAIN);
    return member(name, Make.OURS, directory.resolve(name), jvmFlags, all.toArray(String[]::new));
  }

  private static NameServer.Service record(Member member) {
    return new NameServer.Service(member.name() + "." + DOMAIN, member.settings().peerPort());
  }

  @Test
  void membersThatTheDnsNamesAreACluster() throws Exception {
    Path hosts = directory.resolve("hosts");
    Files.writeString(
        hosts,
        "127.0.0.1 localhost m1.example.test m2.example.test m3.example.test m4.example.test\n");
    try (NameServer dns = new NameServer()) {
      Member first = named(dns, hosts, "m1");
      Member second = named(dns, hosts, "m2");
      Member third = named(dns, hosts, "m3");
      dns.put(SERVICE, List.of(record(third), record(first), record(second)));
      List.of(first, second, third).forEach(Member::launch);
      awaitOneCluster(first, second, third);
      assertThat(Cluster.list(second).getMembersList())
          .extracting(member -> member.getPeerURLs(0))
          .containsExactlyInAnyOrder(url(first), url(second), url(third));
      assertThat(dns.asked()).contains("_etcd-server-ssl._tcp.example.test", SERVICE);

      // One that joins later is added to the zone and to the cluster first.
      Member fourth = named(dns, hosts, "m4", "--initial-cluster-state=existing");
      dns.put(SERVICE, List.of(record(first), record(second), record(third), record(fourth)));
      MemberAddRequest addition = MemberAddRequest.newBuilder().addPeerURLs(url(fourth)).build();
      Await.value( // members must have been connected for some seconds
          SOON, "m4 is added", () -> Optional.of(first.control().call(Cluster.ADD, addition)));
      fourth.launch();
      awaitOneCluster(first, second, third, fourth);
    }
  }

  private static String url(Member member) {
    NameServer.Service record = record(member);
    return "http://" + record.host() + ":" + record.port();
  }

  @Test
  void aMemberThatTheDnsDoesNotNameDoesNotStart() throws Exception {
    Path hosts = Files.writeString(directory.resolve("hosts"), "127.0.0.1 localhost\n");
    try (NameServer dns = new NameServer()) {
      Member nowhere = named(dns, hosts, "m1");
      nowhere.launch();
      assertThat(nowhere.process().awaitExit(SOON)).isEqualTo(1);
      assertThat(nowhere.process().log())
          .contains("discovery failed")
          .contains("error setting up initial cluster: error querying DNS SRV records for")
          .contains("lookup " + SERVICE + ": no such host");

      dns.put(SERVICE, List.of(new NameServer.Service("localhost", 1)));
      nowhere.launch();
      assertThat(nowhere.process().awaitExit(SOON)).isEqualTo(1);
      assertThat(nowhere.process().log())
          .contains("cannot find local etcd member \\\"m1\\\" in SRV records");
    }
  }
}
