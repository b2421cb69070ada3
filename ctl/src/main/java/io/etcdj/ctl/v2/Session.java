package io.etcdj.ctl.v2;

import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.command.Prompt;
import io.etcdj.ctl.command.ServiceRecords;
import io.etcdj.ctl.rpc.HttpUrl;
import io.etcdj.ctl.rpc.Tls;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From options and variables to a {@link Cluster}. */
final class Session {
  private static final String DEFAULT_ENDPOINTS = "http://127.0.0.1:2379,http://127.0.0.1:4001";
  private static final long LONGEST_DIAL_NANOS = 30_000_000_000L;

  private Session() {}

  /** The cluster of this call, with the endpoints that its members publish. */
  static Cluster open(Call call) {
    Cluster cluster = cluster(call);
    Environment environment = call.environment();
    if (!call.global().on("no-sync")) {
      String given = cluster.endpoints(",");
      if (call.debug()) {
        call.complain("start to sync cluster using endpoints(" + given + ")");
      }
      try {
        cluster.sync(call.deadline());
      } catch (ClientException.NoEndpoints e) {
        environment
            .err()
            .print(
                "etcd cluster has no published client endpoints.\nTry '--no-sync' if you want to"
                    + " access non-published client endpoints("
                    + given
                    + ").\n");
        throw e.failure(ExitStatus.SERVER_ERROR);
      } catch (ClientException e) {
        if (e.connection()) {
          throw e.failure(ExitStatus.BAD_CONNECTION);
        }
        // A member that cannot tell may still serve.
      }
      if (call.debug()) {
        call.complain("got endpoints(" + cluster.endpoints(",") + ") after sync");
      }
    }
    tellEndpoints(call, cluster);
    return cluster;
  }

  /** The cluster of this call, by the endpoints that were given. */
  static Cluster openWithoutSync(Call call) {
    Cluster cluster = cluster(call);
    tellEndpoints(call, cluster);
    return cluster;
  }

  /** The commands for auth tell the endpoints twice. */
  static Cluster openForAuth(Call call) {
    Cluster cluster = open(call);
    tellEndpoints(call, cluster);
    return cluster;
  }

  private static void tellEndpoints(Call call, Cluster cluster) {
    if (call.debug()) {
      call.complain("Cluster-Endpoints: " + cluster.endpoints(", "));
    }
  }

  private static Cluster cluster(Call call) {
    try {
      List<HttpUrl> endpoints = endpoints(call);
      Cluster.Access access = access(call);
      return new Cluster(endpoints, access, call.debug() ? call.environment().err() : null);
    } catch (IllegalArgumentException | IOException e) {
      throw new Failure(ExitStatus.BAD_ARGUMENTS, e.getMessage());
    }
  }

  private static List<HttpUrl> endpoints(Call call) throws IOException {
    List<String> texts = discovered(call);
    if (texts.isEmpty()) {
      texts = given(call);
    }
    List<HttpUrl> endpoints = new ArrayList<>();
    for (String text : texts) {
      endpoints.add(HttpUrl.parse(text));
    }
    return endpoints;
  }

  private static List<String> given(Call call) {
    String[][] places = {
      {"endpoints", "ETCDCTL_ENDPOINTS"},
      {"endpoint", "ETCDCTL_ENDPOINT"},
      {"peers", "ETCDCTL_PEERS"},
    };
    for (String[] place : places) {
      String list = call.textOr(place[0], place[1]);
      if (!list.isEmpty()) {
        return Arrays.asList(list.split(",", -1));
      }
    }
    return Arrays.asList(DEFAULT_ENDPOINTS.split(",", -1));
  }

  private static String domain(Call call) {
    return call.textOr("discovery-srv", "ETCDCTL_DISCOVERY_SRV");
  }

  private static boolean acceptsInsecure(Call call) {
    return call.global().on("insecure-discovery")
        || !call.variable("ETCDCTL_INSECURE_DISCOVERY").isEmpty();
  }

  private static List<String> discovered(Call call) throws IOException {
    String domain = domain(call);
    if (domain.isEmpty()) {
      return List.of();
    }
    List<String> usable = new ArrayList<>();
    String service = call.variable("ETCDCTL_DISCOVERY_SRV_NAME");
    for (String endpoint : ServiceRecords.endpoints(domain, service, true)) {
      if (acceptsInsecure(call) || !endpoint.startsWith("http://")) {
        usable.add(endpoint);
      } else {
        call.complain("ignoring discovered insecure endpoint \"" + endpoint + "\"");
      }
    }
    return usable;
  }

  private static Cluster.Access access(Call call) throws IOException {
    String cert = call.textOr("cert-file", "ETCDCTL_CERT_FILE");
    String key = call.textOr("key-file", "ETCDCTL_KEY_FILE");
    String authorities = call.textOr("ca-file", "ETCDCTL_CA_FILE");
    if (cert.isEmpty() != key.isEmpty()) {
      throw new IOException(
          "KeyFile and CertFile must both be present[key: " + key + ", cert: " + cert + "]");
    }
    Tls tls = null;
    if (!cert.isEmpty() || !authorities.isEmpty()) {
      try {
        tls = Tls.of(authorities, cert, key, true, true);
      } catch (NoSuchFileException e) {
        throw new IOException("open " + e.getFile() + ": no such file or directory", e);
      }
    }
    String domain = domain(call);
    boolean namedByDomain = !domain.isEmpty() && !acceptsInsecure(call);
    long total = call.global().nanos("total-timeout");
    return new Cluster.Access(
        tls,
        namedByDomain ? domain : null,
        call.global().nanos("timeout"),
        total != 0 && total < LONGEST_DIAL_NANOS ? total : LONGEST_DIAL_NANOS,
        authorization(call));
  }

  private static @Nullable String authorization(Call call) {
    String user = call.textOr("username", "ETCDCTL_USERNAME");
    if (user.isEmpty()) {
      return null;
    }
    int colon = user.indexOf(':');
    return colon < 0
        ? Cluster.basic(user, Prompt.secretOnItsLine(call.environment(), "Password: "))
        : Cluster.basic(user.substring(0, colon), user.substring(colon + 1));
  }
}
