package io.etcdj.server.peer;

import io.etcdj.server.config.Version;
import io.etcdj.server.log.Log;
import io.vertx.core.MultiMap;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * By which headers members know each other, and whom this one talks to. The names are spelled as Go
 * puts them on the wire; to HTTP that is all the same.
 *
 * @param self who we are
 */
record PeerHeaders(PeerIdentity self) {
  static final String FROM = "X-Server-From";
  static final String VERSION = "X-Server-Version";
  static final String MIN_CLUSTER_VERSION = "X-Min-Cluster-Version";
  static final String CLUSTER_ID = "X-Etcd-Cluster-Id";
  static final String PEER_URLS = "X-Peerurls";
  static final String RAFT_TO = "X-Raft-To";

  /** Ours alone: the release of the etcdj that speaks. */
  static final String OWN_VERSION = "X-Etcdj-Version";

  static final String INCOMPATIBLE_VERSION = "incompatible version";
  static final String CLUSTER_ID_MISMATCH = "cluster ID mismatch";

  /** The oldest etcd that 3.4 to 3.7 talk to. */
  private static final String OLDEST_CLUSTER = "3.0.0";

  /** What a member from before these headers is taken for. */
  private static final String BEFORE_HEADERS = "2.0.0";

  private static final Pattern SEMVER = Pattern.compile("(\\d{1,9})\\.(\\d{1,9})\\.\\d+([-+].*)?");

  /** Major and minor; the rest of a version does not count here. */
  record Release(int major, int minor) implements Comparable<Release> {
    /**
     * The release that a text names.
     *
     * @throws IllegalArgumentException if it names none
     */
    static Release of(String text) {
      Matcher matcher = SEMVER.matcher(text);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(text + " is not in dotted-tri format");
      }
      return new Release(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    @Override
    public int compareTo(Release other) {
      return major != other.major
          ? Integer.compare(major, other.major)
          : Integer.compare(minor, other.minor);
    }
  }

  static String hex(long id) {
    return Long.toHexString(id);
  }

  String localId() {
    return hex(self.memberId());
  }

  String clusterId() {
    return hex(self.clusterId());
  }

  /** What every request says of this member. */
  Map<String, String> ofRequest() {
    Map<String, String> headers = new HashMap<>();
    headers.put(FROM, localId());
    headers.put(VERSION, Version.ETCD);
    headers.put(MIN_CLUSTER_VERSION, OLDEST_CLUSTER);
    headers.put(CLUSTER_ID, clusterId());
    headers.put(PEER_URLS, String.join(",", self.peerUrls()));
    headers.put(OWN_VERSION, Version.own());
    return headers;
  }

  static Release version(@Nullable String header) {
    return Release.of(header == null || header.isEmpty() ? BEFORE_HEADERS : header);
  }

  /**
   * Why this member does not talk to whoever sent these headers, or null if it does.
   *
   * @throws IllegalArgumentException if a version is none
   */
  @Nullable String refusal(MultiMap remote, Log log) {
    Release server = version(remote.get(VERSION));
    Release minCluster = version(remote.get(MIN_CLUSTER_VERSION));
    String tooLow = null;
    if (server.compareTo(Release.of(OLDEST_CLUSTER)) < 0) {
      tooLow = "remote version is too low";
    } else if (minCluster.compareTo(Release.of(Version.ETCD)) > 0) {
      tooLow = "local version is too low";
    }
    if (tooLow != null) {
      log.warn(
          "failed version compatibility check",
          "local-member-id",
          localId(),
          "local-member-server-version",
          Version.ETCD,
          "local-member-server-minimum-cluster-version",
          OLDEST_CLUSTER,
          "remote-server-name",
          text(remote.get(FROM)),
          "remote-server-version",
          text(remote.get(VERSION)),
          "remote-server-minimum-cluster-version",
          text(remote.get(MIN_CLUSTER_VERSION)),
          "error",
          tooLow);
      return INCOMPATIBLE_VERSION;
    }
    String cluster = text(remote.get(CLUSTER_ID));
    if (!cluster.equals(clusterId())) {
      log.warn(
          "request cluster ID mismatch",
          "local-member-id",
          localId(),
          "local-member-cluster-id",
          clusterId(),
          "local-member-server-version",
          Version.ETCD,
          "local-member-server-minimum-cluster-version",
          OLDEST_CLUSTER,
          "remote-peer-server-name",
          text(remote.get(FROM)),
          "remote-peer-server-version",
          text(remote.get(VERSION)),
          "remote-peer-server-minimum-cluster-version",
          text(remote.get(MIN_CLUSTER_VERSION)),
          "remote-peer-cluster-id",
          cluster);
      return CLUSTER_ID_MISMATCH;
    }
    return null;
  }

  private static String text(@Nullable String header) {
    return header == null ? "" : header;
  }
}
