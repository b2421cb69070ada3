package io.etcdj.server.v2;

import io.etcdj.server.front.http.Answers;
import io.etcdj.server.member.RaftView;
import io.etcdj.server.text.GoDuration;
import io.etcdj.state.membership.Member;
import io.etcdj.state.membership.Membership;
import io.etcdj.state.v2.Rfc3339;
import io.etcdj.state.v2.V2Store;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** {@code /v2/stats}. Shared by all loops. */
final class Statistics {
  private final long self;
  private final String name;
  private final RaftView view;
  private final Membership membership;
  private final V2Store store;
  private final AppendTraffic traffic;
  private final LongSupplier unixNanos;
  private final long startNanos;

  Statistics(
      long self,
      String name,
      RaftView view,
      Membership membership,
      V2Store store,
      AppendTraffic traffic,
      LongSupplier unixNanos) {
    this.self = self;
    this.name = name;
    this.view = view;
    this.membership = membership;
    this.store = store;
    this.traffic = traffic;
    this.unixNanos = unixNanos;
    this.startNanos = unixNanos.getAsLong();
  }

  void self(HttpServerRequest request) {
    if (!V2Answers.allow(request, List.of("GET"))) {
      return;
    }
    long leader = view.leader();
    long upNanos = System.nanoTime() - view.leaderSinceNanos();
    Answers.json(
        request.response(),
        "{\"name\":"
            + GoJson.quote(name)
            + ",\"id\":\""
            + Long.toHexString(self)
            + "\",\"state\":\""
            + (view.leads() ? "StateLeader" : "StateFollower")
            + "\",\"startTime\":\""
            + Rfc3339.write(startNanos)
            + "\",\"leaderInfo\":{\"leader\":\""
            + (leader == 0 ? "" : Long.toHexString(leader))
            + "\",\"uptime\":\""
            + GoDuration.format(Duration.ofNanos(upNanos))
            + "\",\"startTime\":\""
            + Rfc3339.write(unixNanos.getAsLong() - upNanos)
            + "\"},"
            + flow("recv", traffic.received())
            + ","
            + flow("send", traffic.sent())
            + "}");
  }

  private static String flow(String direction, AppendTraffic.Sum sum) {
    String count = "\"" + direction + "AppendRequestCnt\":" + sum.count();
    return sum.perSecond() == 0
        ? count
        : count
            + number(",\"" + direction + "PkgRate", sum.perSecond())
            + number(",\"" + direction + "BandwidthRate", sum.bytesPerSecond());
  }

  private static String number(String name, double value) {
    return name + "\":" + value;
  }

  private static String follower(AppendTraffic.Latency latency) {
    return "{\"latency\":{"
        + number("\"current", latency.current())
        + number(",\"average", latency.average())
        + number(",\"standardDeviation", latency.standardDeviation())
        + number(",\"minimum", latency.minimum())
        + number(",\"maximum", latency.maximum())
        + "},\"counts\":{\"fail\":"
        + latency.lost()
        + ",\"success\":"
        + latency.answered()
        + "}}";
  }

  void leader(HttpServerRequest request) {
    if (!V2Answers.allow(request, List.of("GET"))) {
      return;
    }
    if (!view.leads()) {
      V2Answers.refuse(request.response(), 403, "not current leader");
      return;
    }
    Answers.json(
        request.response(),
        membership.members().stream()
            .map(Member::id)
            .filter(id -> id != self)
            .map(id -> "\"" + Long.toHexString(id) + "\":" + follower(traffic.latency(id)))
            .collect(
                Collectors.joining(
                    ",", "{\"leader\":\"" + Long.toHexString(self) + "\",\"followers\":{", "}}")));
  }

  void store(HttpServerRequest request) {
    if (V2Answers.allow(request, List.of("GET"))) {
      Answers.json(
          request.response(),
          store.statistics().entrySet().stream()
              .map(entry -> "\"" + entry.getKey() + "\":" + entry.getValue())
              .collect(Collectors.joining(",", "{", "}")));
    }
  }
}
