package io.etcdj.server.service;

import io.etcdj.api.etcdserverpb.WatchRequest;
import io.etcdj.server.front.rpc.Rpc;
import io.etcdj.server.watch.WatchHub;
import java.util.List;

/** Watch streams. */
public final class WatchService {
  private final WatchHub hub;

  public WatchService(WatchHub hub) {
    this.hub = hub;
  }

  public List<Rpc<?, ?>> rpcs() {
    return List.of(
        Rpc.bidi("etcdserverpb.Watch", "Watch", WatchRequest.getDefaultInstance(), hub::open));
  }
}
