package io.etcdj.server.boot;

import io.etcdj.state.membership.Member;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Members that run already, asked before this one does. */
@FunctionalInterface
interface Neighbours {
  /** The cluster as one of its members tells it. */
  record Cluster(long id, List<Member> members) {}

  /** What the first of these peer URLs tells that answers; null if none does. */
  @Nullable Cluster ask(List<String> peerUrls);
}
