package io.etcdj.proof.clients;

import io.etcdj.proof.ServerProcess;

/** What a server prints of itself: no two servers print the same. */
final class Identity {
  private Identity() {}

  /**
   * {@code said} with each id as {@code N} or {@code HEX} and the server's ports as {@code PORT}
   * and {@code PEER}.
   *
   * <p>Ids are random and printed without leading zeros: one of 2^32 is shorter than the eight
   * digits that make a hexadecimal number an id. They come before the ports, whose digits they may
   * contain.
   */
  static String masked(ServerProcess server, String said) {
    return said.replaceAll("\"(cluster_id|member_id|raft_term|ID)\":\\d+", "\"$1\":N")
        .replaceAll("\"(ClusterID|MemberID|RaftTerm|ID)\" : \\d+", "\"$1\" : N")
        .replaceAll("\\b[0-9a-f]{8,16}\\b", "HEX")
        .replace(Integer.toString(server.clientPort()), "PORT")
        .replace(Integer.toString(server.settings().peerPort()), "PEER");
  }
}
