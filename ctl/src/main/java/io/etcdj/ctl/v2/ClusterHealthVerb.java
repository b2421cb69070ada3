package io.etcdj.ctl.v2;

import io.etcdj.ctl.rpc.Deadline;
import io.etcdj.ctl.rpc.HttpUrl;
import io.etcdj.ctl.text.GoStrings;
import io.etcdj.ctl.text.Json;
import java.util.List;

/** {@code cluster-health}: asks every member about itself, once or for ever. */
final class ClusterHealthVerb extends Verb {
  private static final Option[] OPTIONS = {
    Option.onOff("forever check the health every 10 second until CTRL+C", "forever", "f"),
  };
  private static final long PAUSE_MILLIS = 10_000;

  ClusterHealthVerb() {
    super("cluster-health", " ", "check the health of the etcd cluster");
  }

  @Override
  Option[] options() {
    return OPTIONS;
  }

  @Override
  @SuppressWarnings("try") // open, not used
  int run(Call call) {
    boolean forever = call.options().on("forever");
    Cluster cluster = Session.openWithoutSync(call);
    List<Member> members;
    try {
      members = new MembersApi(cluster).list(Deadline.NEVER);
    } catch (ClientException e) {
      call.print("cluster may be unhealthy: failed to list members");
      throw e.failure(ExitStatus.SERVER_ERROR);
    }
    if (!forever) {
      return check(call, cluster, members) ? ExitStatus.SUCCESS : ExitStatus.CLUSTER_NOT_HEALTHY;
    }
    try (Interruption interruption = new Interruption(call.environment())) {
      while (true) {
        check(call, cluster, members);
        call.print("\nnext check after 10 second...\n");
        call.environment().flush();
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitStatus.SUCCESS;
    }
  }

  /** Whether all are healthy. */
  private static boolean check(Call call, Cluster cluster, List<Member> members) {
    int healthy = 0;
    for (Member member : members) {
      if (isHealthy(call, cluster, member)) {
        healthy++;
      }
    }
    if (healthy == members.size()) {
      call.print("cluster is healthy");
    } else {
      call.print(healthy == 0 ? "cluster is unavailable" : "cluster is degraded");
    }
    return healthy == members.size();
  }

  private static boolean isHealthy(Call call, Cluster cluster, Member member) {
    String about = "member " + member.id();
    if (member.clientUrls().isEmpty()) {
      call.print(about + " is unreachable: no available published client urls");
      return false;
    }
    for (String url : member.clientUrls()) {
      String problem;
      try {
        if (saysHealthy(cluster.health(HttpUrl.parse(url)))) {
          call.print(about + " is healthy: got healthy result from " + url);
          return true;
        }
        call.print(about + " is unhealthy: got unhealthy result from " + url);
        return false;
      } catch (ClientException e) {
        problem = "Get " + GoStrings.quote(url + "/health") + ": " + e.text();
      } catch (IllegalArgumentException e) {
        problem = String.valueOf(e.getMessage());
      }
      call.print("failed to check the health of " + about + " on " + url + ": " + problem);
    }
    call.print(
        about
            + " is unreachable: "
            + GoStrings.slice(member.clientUrls())
            + " are all unreachable");
    return false;
  }

  /** What {@code /health} says: up to 3.2 a boolean, then a text. */
  static boolean saysHealthy(String body) {
    Json health = Json.parse(body).get("health");
    return health.bool() || health.text().equals("true");
  }
}
