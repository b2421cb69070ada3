package io.etcdj.ctl.utl;

import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.text.GoStrings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * The members of a cluster as {@code --initial-cluster} names them, with the ids that every etcd
 * computes from the same text: SHA-1 of the sorted peer URLs and the cluster token.
 *
 * @param members sorted by unsigned id
 * @param local the one that is being made
 */
record InitialCluster(List<Member> members, Member local, long id) {
  record Member(long id, String name, List<String> peerUrls) {}

  /**
   * Reads {@code m1=http://a:2380,m2=http://b:2380}.
   *
   * @throws Failure with etcd's words
   */
  static InitialCluster parse(String text, String token, String name, List<String> advertised) {
    TreeMap<String, List<String>> urlsByName = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String member = equals < 0 ? part : part.substring(0, equals);
      String url = equals < 0 ? "" : part.substring(equals + 1);
      checkUrl(url);
      urlsByName.computeIfAbsent(member, unused -> new ArrayList<>()).add(url);
    }
    for (String url : advertised) {
      checkUrl(url);
    }
    List<Member> members = new ArrayList<>();
    Member local = null;
    for (String member : urlsByName.keySet()) {
      List<String> urls = urlsByName.getOrDefault(member, List.of());
      urls.sort(Comparator.naturalOrder());
      Member made = new Member(memberId(urls, token), member, urls);
      members.add(made);
      if (member.equals(name)) {
        local = made;
      }
    }
    if (local == null) {
      throw Failure.error(
          "couldn't find local name "
              + GoStrings.quote(name)
              + " in the initial cluster configuration");
    }
    List<String> ours = new ArrayList<>(advertised);
    ours.sort(Comparator.naturalOrder());
    if (!ours.equals(local.peerUrls())) {
      throw Failure.error(
          "--initial-cluster has "
              + String.join(",", local.peerUrls())
              + " but missing from --initial-advertise-peer-urls="
              + String.join(",", ours));
    }
    members.sort((a, b) -> Long.compareUnsigned(a.id(), b.id()));
    return new InitialCluster(members, local, clusterId(members));
  }

  private static void checkUrl(String url) {
    int scheme = url.indexOf("://");
    String name = scheme < 0 ? "" : url.substring(0, scheme);
    if (!List.of("http", "https", "unix", "unixs").contains(name)) {
      throw Failure.error("URL scheme must be http, https, unix, or unixs: " + url);
    }
  }

  private static long memberId(List<String> urls, String token) {
    MessageDigest sha1 = sha1();
    for (String url : urls) {
      sha1.update(url.getBytes(StandardCharsets.UTF_8));
    }
    sha1.update(token.getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.wrap(sha1.digest()).getLong();
  }

  private static long clusterId(List<Member> members) {
    MessageDigest sha1 = sha1();
    for (Member member : members) {
      sha1.update(ByteBuffer.allocate(Long.BYTES).putLong(member.id()).flip());
    }
    return ByteBuffer.wrap(sha1.digest()).getLong();
  }

  private static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
