package io.etcdj.server.config;

import io.etcdj.server.text.EtcdUrl;
import io.etcdj.server.text.GoQuote;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The first members of a cluster: {@code a=http://10.0.0.1:2380,b=http://10.0.0.2:2380}.
 *
 * @param members peer URLs by name, both sorted
 */
public record InitialCluster(Map<String, List<EtcdUrl>> members) {
  public InitialCluster {
    Map<String, List<EtcdUrl>> sorted = new TreeMap<>();
    members.forEach((name, urls) -> sorted.put(name, urls.stream().sorted().toList()));
    members = Collections.unmodifiableMap(sorted);
  }

  /**
   * Reads a list of {@code name=URL}; a name may come several times.
   *
   * @throws IllegalArgumentException with etcd's words
   */
  public static InitialCluster parse(String text) {
    Map<String, List<EtcdUrl>> members = new TreeMap<>();
    for (String pair : text.split(",", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String url = equals < 0 ? "" : pair.substring(equals + 1);
      members.computeIfAbsent(name, absent -> new ArrayList<>()).add(EtcdUrl.parse(url));
    }
    return new InitialCluster(members);
  }

  /**
   * What keeps a member without data from starting with this list, in etcd's words.
   *
   * @param name of that member
   * @param advertised its {@code --initial-advertise-peer-urls}
   * @param resolve from a host to its address; a host that cannot be resolved comes back as it is
   */
  public Optional<String> problem(
      String name, List<EtcdUrl> advertised, UnaryOperator<String> resolve) {
    List<EtcdUrl> own = members.get(name);
    if (own == null) {
      return Optional.of(
          "couldn't find local name \"" + name + "\" in the initial cluster configuration");
    }
    if (hasDuplicateUrl()) {
      return Optional.of("initial cluster " + this + " has duplicate url");
    }
    return mismatch(name, own, advertised.stream().sorted().toList(), resolve);
  }

  /** Whether a URL comes twice. */
  public boolean hasDuplicateUrl() {
    Set<EtcdUrl> seen = new HashSet<>();
    return members.values().stream().flatMap(List::stream).anyMatch(url -> !seen.add(url));
  }

  private static Optional<String> mismatch(
      String name, List<EtcdUrl> listed, List<EtcdUrl> advertised, UnaryOperator<String> resolve) {
    if (listed.equals(advertised)) {
      return Optional.empty(); // whether or not their hosts can be found yet
    }
    List<String> there = resolved(listed, resolve);
    List<String> here = resolved(advertised, resolve);
    if (here.equals(there)) {
      return Optional.empty();
    }
    String why = difference(here, there);
    List<String> unadvertised = minus(listed, advertised);
    if (!unadvertised.isEmpty()) {
      return Optional.of(
          "--initial-cluster has %s but missing from --initial-advertise-peer-urls=%s (%s)"
              .formatted(join(name, unadvertised), String.join(",", texts(advertised)), why));
    }
    return Optional.of(
        "--initial-advertise-peer-urls has %s but missing from --initial-cluster=%s"
            .formatted(String.join(",", minus(advertised, listed)), join(name, texts(advertised))));
  }

  private static String difference(List<String> here, List<String> there) {
    if (here.size() != there.size()) {
      return "len(" + GoQuote.quote(here) + ") != len(" + GoQuote.quote(there) + ")";
    }
    for (int i = 0; i < here.size(); i++) {
      if (!here.get(i).equals(there.get(i))) {
        return "resolved urls: \"" + here.get(i) + "\" != \"" + there.get(i) + "\"";
      }
    }
    throw new IllegalArgumentException("no difference between " + here + " and " + there);
  }

  private static List<String> resolved(List<EtcdUrl> urls, UnaryOperator<String> resolve) {
    return urls.stream()
        .map(url -> url.isUnix() ? url : url.withHost(resolve.apply(url.host())))
        .map(EtcdUrl::toString)
        .sorted()
        .toList();
  }

  private static List<String> minus(List<EtcdUrl> all, List<EtcdUrl> without) {
    return all.stream().filter(url -> !without.contains(url)).map(EtcdUrl::toString).toList();
  }

  private static List<String> texts(List<EtcdUrl> urls) {
    return urls.stream().map(EtcdUrl::toString).toList();
  }

  private static String join(String name, List<String> urls) {
    return String.join(",", urls.stream().map(url -> name + "=" + url).toList());
  }

  /** As it would be written on a command line. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    members.forEach((name, urls) -> parts.add(join(name, texts(urls))));
    return String.join(",", parts);
  }
}
