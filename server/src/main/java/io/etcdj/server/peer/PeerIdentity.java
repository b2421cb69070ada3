package io.etcdj.server.peer;

import java.util.List;

/**
 * Who this member is for its peers.
 *
 * @param peerUrls where it tells others to reach it
 */
public record PeerIdentity(long memberId, long clusterId, List<String> peerUrls) {
  public PeerIdentity {
    peerUrls = List.copyOf(peerUrls);
  }
}
