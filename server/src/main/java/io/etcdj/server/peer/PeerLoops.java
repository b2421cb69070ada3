package io.etcdj.server.peer;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;

/** Where peers live: each on one event loop for good. */
final class PeerLoops {
  private PeerLoops() {}

  /**
   * A place on the next event loop, in turn. Vert.x's public API gives a thread the same loop again
   * and again, and all peers are added by the same thread.
   */
  static Context next(Vertx vertx) {
    return ((VertxInternal) vertx).createEventLoopContext();
  }
}
