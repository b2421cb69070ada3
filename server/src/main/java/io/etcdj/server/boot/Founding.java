package io.etcdj.server.boot;

import io.etcdj.server.config.Config;
import io.etcdj.server.config.InitialCluster;
import io.etcdj.server.discovery.Discovery;
import io.etcdj.server.discovery.DiscoveryException;
import io.etcdj.server.discovery.ServiceRecords;
import io.etcdj.server.log.Entry;
import io.etcdj.server.log.Log;
import io.etcdj.server.text.EtcdUrl;
import io.etcdj.state.membership.MemberIds;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Finds the first members in the way that the flags name.
 *
 * <pre>
 *   --initial-cluster   they are written there
 *   --discovery-srv     they are written in the DNS
 *   --discovery         they meet in a directory of another etcd, which also names the cluster
 * </pre>
 */
final class Founding implements FirstMembers {
  private final Config.Cluster cluster;
  private final Config.Discovery ways;
  private final String dataDirectory;
  private final String walDirectory;
  private final CompletableFuture<Vertx> vertx;
  private final Log log;

  Founding(Config config, CompletableFuture<Vertx> vertx, Log log) {
    this.cluster = config.cluster();
    this.ways = cluster.discovery();
    this.dataDirectory = config.storage().dataDir();
    this.walDirectory = config.storage().walDirectory();
    this.vertx = vertx;
    this.log = log;
  }

  /** What tells the cluster apart from others: where its members met, if they did. */
  static String clusterToken(Config.Cluster cluster) {
    String url = cluster.discovery().url();
    return url.isEmpty() ? cluster.token() : url;
  }

  private boolean meets() {
    return !ways.url().isEmpty();
  }

  @Override
  public void passOver() {
    if (meets()) {
      log.warn(
          "discovery token is ignored since cluster already initialized; valid logs are found",
          "wal-dir",
          walDirectory);
    }
  }

  @Override
  public Map<String, List<String>> find() throws StartException {
    InitialCluster found;
    if (meets()) {
      found = meet();
    } else {
      found = ways.srvDomain().isEmpty() ? cluster.initialCluster() : records();
      check(found);
    }
    Map<String, List<String>> members = new TreeMap<>();
    found.members().forEach((name, urls) -> members.put(name, texts(urls)));
    return members;
  }

  private InitialCluster records() throws StartException {
    try {
      return new ServiceRecords(cluster.name(), cluster.advertisePeerUrls(), log)
          .ask(ways.srvDomain(), ways.srvName());
    } catch (DiscoveryException e) {
      throw new StartException("error setting up initial cluster: " + e.getMessage(), e);
    }
  }

  /** A member that joins has told the others its URLs before; theirs are compared with them. */
  private void check(InitialCluster named) throws StartException {
    boolean joins = cluster.state() == Config.ClusterState.EXISTING;
    List<EtcdUrl> listed = named.members().getOrDefault(cluster.name(), List.of());
    Optional<String> problem =
        named.problem(
            cluster.name(), joins ? listed : cluster.advertisePeerUrls(), Founding::address);
    if (problem.isPresent()) {
      throw new StartException(problem.get());
    }
  }

  private static String address(String host) {
    try {
      return InetAddress.getByName(host).getHostAddress();
    } catch (UnknownHostException e) {
      return host;
    }
  }

  // ---- Meeting in a registry

  private InitialCluster meet() throws StartException {
    if (cluster.state() == Config.ClusterState.EXISTING) {
      throw new StartException(
          "discovery URL should not be set when joining existing initial cluster");
    }
    long id = MemberIds.ofInitialMember(texts(cluster.advertisePeerUrls()), clusterToken(cluster));
    String urls =
        cluster.advertisePeerUrls().stream()
            .map(url -> cluster.name() + "=" + url)
            .collect(Collectors.joining(","));
    Discovery discovery =
        new Discovery(vertx.join(), new Discovery.Self(Long.toHexString(id), urls), log);
    InitialCluster met;
    try {
      log.warn("V2 discovery is deprecated!");
      met = discovery.byKeys(ways.url(), ways.proxy());
    } catch (DiscoveryException e) {
      throw new StartException(joining(e), advice(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("interrupted while waiting for other members", e);
    }
    if (met.hasDuplicateUrl()) {
      throw new StartException("discovery cluster " + met + " has duplicate url");
    }
    return met;
  }

  private static String joining(DiscoveryException e) {
    return "failed to join discovery cluster (" + e.getMessage() + ")";
  }

  /** etcd's words to an operator who is stuck. */
  private List<Entry> advice(DiscoveryException e) {
    String error = joining(e);
    List<Entry> lines = new ArrayList<>();
    switch (e.reason()) {
      case DUPLICATE_ID -> {
        lines.add(
            Entry.warn(
                "member has been registered with discovery service",
                "name",
                cluster.name(),
                "discovery-token",
                ways.url(),
                "error",
                error));
        lines.add(
            Entry.warn(
                "but could not find valid cluster configuration", "data-dir", dataDirectory));
        lines.add(Entry.warn("check data dir if previous bootstrap succeeded"));
        lines.add(Entry.warn("or use a new discovery token if previous bootstrap failed"));
      }
      case DUPLICATE_NAME -> {
        lines.add(
            Entry.warn(
                "member with duplicated name has already been registered",
                "discovery-token",
                ways.url(),
                "error",
                error));
        lines.add(Entry.warn("cURL the discovery token URL for details"));
        lines.add(newToken());
      }
      case FULL, OTHER -> {
        lines.add(
            Entry.warn(
                "failed to bootstrap; discovery token was already used",
                "discovery-token",
                ways.url(),
                "error",
                error));
        lines.add(newToken());
        if (e.reason() == DiscoveryException.Reason.FULL && ways.fallsBackToProxy()) {
          lines.add(
              Entry.error(
                  "a full cluster makes no proxy out of a member in this release, in spite of"
                      + " --discovery-fallback=proxy"));
        }
      }
    }
    return lines;
  }

  private static Entry newToken() {
    return Entry.warn("do not reuse discovery token; generate a new one to bootstrap a cluster");
  }

  private static List<String> texts(List<EtcdUrl> urls) {
    return urls.stream().map(EtcdUrl::toString).toList();
  }
}
