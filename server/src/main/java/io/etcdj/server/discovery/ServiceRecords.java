package io.etcdj.server.discovery;

import io.etcdj.server.config.InitialCluster;
import io.etcdj.server.log.Log;
import io.etcdj.server.text.EtcdUrl;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A cluster as the SRV records of a domain tell it: those of {@code _etcd-server-ssl._tcp.DOMAIN}
 * are reached by https, those of {@code _etcd-server._tcp.DOMAIN} by http.
 *
 * <pre>
 *   _etcd-server._tcp.example.com   0 0 2380 a.example.com.
 *                                   0 0 2380 b.example.com.
 *   --name=x, and a.example.com has the address of the advertised URL:
 *   x=http://a.example.com:2380,0=http://b.example.com:2380
 * </pre>
 *
 * <p>Records have no names, so the others are numbered until they tell their own.
 */
public final class ServiceRecords {
  /** One record. */
  record Target(String host, int port) {
    String hostPort() {
      return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /** Asks the DNS. */
  interface Dns {
    /** The records of a service, most preferred first; at least one. */
    List<Target> services(String name) throws UnknownHostException;

    /** The addresses of a host, at least one. */
    Set<String> addresses(String host) throws UnknownHostException;
  }

  private final String memberName;
  private final List<EtcdUrl> advertised;
  private final Dns dns;
  private final Log log;

  /**
   * @param memberName what to call the record that is this member's
   * @param advertised this member's peer URLs, by which it finds its record
   */
  public ServiceRecords(String memberName, List<EtcdUrl> advertised, Log log) {
    this(memberName, advertised, new SystemDns(), log);
  }

  ServiceRecords(String memberName, List<EtcdUrl> advertised, Dns dns, Log log) {
    this.memberName = memberName;
    this.advertised = advertised;
    this.dns = dns;
    this.log = log;
  }

  /**
   * Asks for the members of a domain, this one among them.
   *
   * @param suffix of the services' names, or empty
   */
  public InitialCluster ask(String domain, String suffix) throws DiscoveryException {
    Search search = new Search(domain, suffix.isEmpty() ? "" : "-" + suffix);
    search.add("https", "etcd-server-ssl");
    search.add("http", "etcd-server");
    String failures = String.join("; ", search.failures);
    if (!search.failures.isEmpty()) {
      log.warn("failed to resolve during SRV discovery", "error", failures);
    }
    if (search.members.isEmpty()) {
      throw new DiscoveryException(failures);
    }
    InitialCluster cluster = new InitialCluster(search.members);
    log.info("got bootstrap from DNS for etcd-server", "cluster", cluster.toString());
    if (!search.members.containsKey(memberName)) {
      throw new DiscoveryException(
          "cannot find local etcd member \"" + memberName + "\" in SRV records");
    }
    return cluster;
  }

  /** What one question has brought so far. */
  private final class Search {
    private final String domain;
    private final String suffix;
    final Map<String, List<EtcdUrl>> members = new HashMap<>();
    final List<String> failures = new ArrayList<>();
    private final Set<String> taken = new HashSet<>();
    private int numbered;

    Search(String domain, String suffix) {
      this.domain = domain;
      this.suffix = suffix;
    }

    void add(String scheme, String kind) {
      String service = kind + suffix;
      List<String> found = new ArrayList<>();
      @Nullable String failure = null;
      try {
        for (Target target : dns.services("_" + service + "._tcp." + domain)) {
          try {
            add(scheme, service, target, found);
          } catch (UnknownHostException e) {
            failure = e.getMessage(); // the others may do
          }
        }
      } catch (UnknownHostException e) {
        failure = e.getMessage();
      }
      if (failure != null && found.isEmpty()) {
        failures.add("error querying DNS SRV records for _" + service + " " + failure);
      } else if (failure != null) {
        log.warn("ignoring a DNS SRV record", "service", service, "error", failure);
      }
      log.info(
          "get cluster for " + kind + " SRV",
          "service-scheme",
          scheme,
          "service-name",
          service,
          "server-name",
          memberName,
          "discovery-srv",
          domain,
          "advertise-peer-urls",
          advertised.stream().map(EtcdUrl::toString).toList(),
          "found-cluster",
          found,
          "error",
          failure == null ? "" : failure);
    }

    private void add(String scheme, String service, Target target, List<String> found)
        throws UnknownHostException {
      if (taken.contains(target.hostPort())) {
        return; // one port cannot speak both; that with TLS came first
      }
      EtcdUrl url = new EtcdUrl(scheme, target.hostPort(), "");
      EtcdUrl own = own(target);
      if (own != null && !own.scheme().equals(scheme)) {
        throw new UnknownHostException(
            "bootstrap at %s from DNS for %s has scheme mismatch with expected peer %s"
                .formatted(url, service, own));
      }
      String name = own != null ? memberName : Integer.toString(numbered++);
      members.computeIfAbsent(name, absent -> new ArrayList<>()).add(url);
      taken.add(target.hostPort());
      found.add(name + "=" + url);
    }
  }

  /** The advertised URL that is this place, or null. */
  private @Nullable EtcdUrl own(Target target) throws UnknownHostException {
    Set<String> there = dns.addresses(target.host());
    for (EtcdUrl url : advertised) {
      if (!url.isUnix()
          && url.port() == target.port()
          && !Collections.disjoint(dns.addresses(url.host()), there)) {
        return url;
      }
    }
    return null;
  }
}
