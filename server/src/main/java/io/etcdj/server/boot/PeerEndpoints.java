package io.etcdj.server.boot;

import io.etcdj.server.front.http.Routes;
import io.etcdj.state.membership.MemberJson;
import io.vertx.core.http.HttpServerRequest;

/** What other members may ask of this one by plain HTTP. */
final class PeerEndpoints {
  private PeerEndpoints() {}

  static void add(Routes routes, EtcdMember member) {
    routes.add("/members", request -> members(request, member));
  }

  private static void members(HttpServerRequest request, EtcdMember member) {
    request
        .response()
        .putHeader("X-Etcd-Cluster-ID", Long.toHexString(member.clusterId()))
        .putHeader("Content-Type", "application/json")
        .end(MemberJson.write(member.membership().members()) + "\n");
  }
}
