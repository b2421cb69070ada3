package io.etcdj.state.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfChangeType;
import io.etcdj.state.v2.Contents;
import io.etcdj.storage.backend.MemoryBackend;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private final MemoryBackend backend = new MemoryBackend();
  private final Membership membership = new Membership(backend, 1);

  private static ConfChange change(ConfChangeType type, long id, String context) {
    return ConfChange.newBuilder()
        .setType(type)
        .setNodeId(id)
        .setContext(ByteString.copyFromUtf8(context))
        .build();
  }

  private static ConfChange add(long id, String url) {
    return change(
        ConfChangeType.ConfChangeAddNode,
        id,
        MemberJson.write(new Member(id, List.of(url), "", List.of(), false)));
  }

  private void apply(ConfChange change) {
    membership.check(change);
    membership.apply(change);
  }

  @Test
  void idsAreEtcds() {
    long standard = MemberIds.ofInitialMember(List.of("http://localhost:2380"), "etcd-cluster");
    assertThat(Long.toHexString(standard)).isEqualTo("8e9e05c52164694d");
    assertThat(Long.toHexString(MemberIds.ofCluster(List.of(standard))))
        .isEqualTo("cdf818194e3a8c32");
    List<Long> three =
        List.of("12380", "22380", "32380").stream()
            .map(
                port ->
                    MemberIds.ofInitialMember(
                        List.of("http://127.0.0.1:" + port), "etcd-cluster-1"))
            .toList();
    assertThat(three.stream().map(Long::toHexString))
        .containsExactly("8211f1d0f64f3269", "91bc3c398fb3c146", "fd422379fda50e48");
    assertThat(Long.toUnsignedString(MemberIds.ofCluster(three))).isEqualTo("17237436991929493444");
  }

  @Test
  void aMembersJsonIsEtcds() {
    Member member =
        new Member(
            0x8e9e05c52164694dL,
            List.of("http://localhost:2380"),
            "default",
            List.of("http://localhost:2379"),
            false);
    String json = MemberJson.write(member);
    assertThat(json)
        .isEqualTo(
            "{\"id\":10276657743932975437,\"peerURLs\":[\"http://localhost:2380\"],"
                + "\"name\":\"default\",\"clientURLs\":[\"http://localhost:2379\"]}");
    assertThat(MemberJson.read(json)).isEqualTo(member);
  }

  @Test
  void changesAreCheckedAgainstTheMembersThereAre() {
    apply(add(1, "http://a:1"));
    assertThatThrownBy(() -> membership.check(add(1, "http://b:1")))
        .hasMessage(EtcdError.MEMBER_EXIST.message());
    assertThatThrownBy(() -> membership.check(add(2, "http://a:1")))
        .hasMessage(EtcdError.PEER_URL_EXIST.message());
    apply(change(ConfChangeType.ConfChangeRemoveNode, 1, ""));
    assertThatThrownBy(() -> membership.check(add(1, "http://a:1")))
        .hasMessageStartingWith(EtcdError.MEMBER_NOT_FOUND.message());
    assertThat(membership.removed()).isEqualTo(Set.of(1L));
  }

  @Test
  void aReopenedMembershipIsTheSame() {
    apply(add(3, "http://a:1"));
    apply(add(2, "http://b:1"));
    membership.setAttributes(3, "three", List.of("http://a:2"));
    membership.setClusterVersion("3.7.0");
    Membership reopened = new Membership(backend, 1);
    assertThat(reopened.members()).isEqualTo(membership.members());
    assertThat(reopened.members().get(0).id()).isEqualTo(2);
    assertThat(reopened.member(3)).isEqualTo(membership.member(3));
    assertThat(reopened.clusterVersion()).isEqualTo("3.7.0");
  }

  @Test
  void theTreeForOlderReadersNamesMembersRemovedOnesAndTheVersion() {
    String tree =
        MembershipTree.write(
                List.of(new Member(0xabL, List.of("http://a:1"), "n", List.of(), false)),
                Set.of(0xcdL),
                "3.7.0",
                Contents.EMPTY)
            .toStringUtf8();
    assertThat(tree)
        .contains("\"Path\":\"/0/members/ab/raftAttributes\"")
        .contains("{\\\"peerURLs\\\":[\\\"http://a:1\\\"]}")
        .contains("\"Path\":\"/0/removed_members/cd\"")
        .contains("\"Value\":\"3.7.0\"")
        .contains("\"Path\":\"/1\"");
  }
}
