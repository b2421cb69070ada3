package io.etcdj.state.membership;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.List;

/**
 * How etcd computes ids: the first 8 bytes, big-endian, of a SHA-1.
 *
 * <pre>
 *   member   SHA-1(sorted peer URLs joined, cluster token, and for one added later the time)
 *   cluster  SHA-1(the initial members' ids in unsigned order, 8 bytes each)
 * </pre>
 */
public final class MemberIds {
  private MemberIds() {}

  /** The id of a member of the initial cluster. */
  public static long ofInitialMember(Collection<String> peerUrls, String clusterToken) {
    return digest((String.join("", sorted(peerUrls)) + clusterToken).getBytes(UTF_8));
  }

  /** The id of a member that is added at run time; such a one has the time instead of a token. */
  public static long ofAddedMember(Collection<String> peerUrls, long unixSeconds) {
    return digest((String.join("", sorted(peerUrls)) + unixSeconds).getBytes(UTF_8));
  }

  /** The id of a cluster that starts with these members. */
  public static long ofCluster(Collection<Long> memberIds) {
    List<Long> ordered = memberIds.stream().sorted(Long::compareUnsigned).toList();
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * ordered.size());
    ordered.forEach(bytes::putLong);
    return digest(bytes.array());
  }

  private static List<String> sorted(Collection<String> urls) {
    return urls.stream().sorted().toList();
  }

  private static long digest(byte[] input) {
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-1").digest(input)).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
