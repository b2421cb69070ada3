package io.etcdj.state.membership;

import java.util.List;

/**
 * A member of the cluster.
 *
 * @param id its id, unsigned
 * @param peerUrls where other members reach it
 * @param name its name; empty until it has started and published it
 * @param clientUrls where clients reach it; empty until it has started
 * @param isLearner whether it only listens, without a vote
 */
public record Member(
    long id, List<String> peerUrls, String name, List<String> clientUrls, boolean isLearner) {
  public Member {
    peerUrls = List.copyOf(peerUrls);
    clientUrls = List.copyOf(clientUrls);
  }

  /** Whether it has ever told its name and client URLs. */
  public boolean isStarted() {
    return !name.isEmpty();
  }

  Member withAttributes(String newName, List<String> newClientUrls) {
    return new Member(id, peerUrls, newName, newClientUrls, isLearner);
  }

  Member withPeerUrls(List<String> newPeerUrls) {
    return new Member(id, newPeerUrls, name, clientUrls, isLearner);
  }

  Member promoted() {
    return new Member(id, peerUrls, name, clientUrls, false);
  }
}
