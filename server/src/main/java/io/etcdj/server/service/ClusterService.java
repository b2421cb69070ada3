package io.etcdj.server.service;

import io.etcdj.api.etcdserverpb.Member;
import io.etcdj.api.etcdserverpb.MemberListRequest;
import io.etcdj.api.etcdserverpb.MemberListResponse;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.server.front.rpc.Rpc;
import io.etcdj.server.read.ReadGate;
import io.etcdj.state.apply.Headers;
import io.etcdj.state.membership.Membership;
import java.util.List;

/** The members of the cluster. */
public final class ClusterService {
  private static final String NAME = "etcdserverpb.Cluster";

  private final Membership membership;
  private final ReadGate gate;
  private final Headers headers;

  public ClusterService(Membership membership, ReadGate gate, Headers headers) {
    this.membership = membership;
    this.gate = gate;
    this.headers = headers;
  }

  public List<Rpc<?, ?>> rpcs() {
    return List.of(
        Rpc.unary(NAME, "MemberList", MemberListRequest.getDefaultInstance(), this::list));
  }

  private void list(Call<MemberListRequest, MemberListResponse> call, MemberListRequest request) {
    if (request.getLinearizable()) {
      gate.pass(call.loop(), () -> call.respond(members()), call::fail);
    } else {
      call.respond(members());
    }
  }

  private MemberListResponse members() {
    MemberListResponse.Builder response =
        MemberListResponse.newBuilder().setHeader(headers.at(0)); // this service tells no revision
    membership.members().forEach(member -> response.addMembers(message(member)));
    return response.build();
  }

  private static Member message(io.etcdj.state.membership.Member member) {
    return Member.newBuilder()
        .setID(member.id())
        .setName(member.name())
        .addAllPeerURLs(member.peerUrls())
        .addAllClientURLs(member.clientUrls())
        .setIsLearner(member.isLearner())
        .build();
  }
}
