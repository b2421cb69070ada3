package io.etcdj.server.service;

import com.google.protobuf.Message;
import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.Member;
import io.etcdj.api.etcdserverpb.MemberAddRequest;
import io.etcdj.api.etcdserverpb.MemberAddResponse;
import io.etcdj.api.etcdserverpb.MemberListRequest;
import io.etcdj.api.etcdserverpb.MemberListResponse;
import io.etcdj.api.etcdserverpb.MemberPromoteRequest;
import io.etcdj.api.etcdserverpb.MemberPromoteResponse;
import io.etcdj.api.etcdserverpb.MemberRemoveRequest;
import io.etcdj.api.etcdserverpb.MemberRemoveResponse;
import io.etcdj.api.etcdserverpb.MemberUpdateRequest;
import io.etcdj.api.etcdserverpb.MemberUpdateResponse;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.server.cluster.LeaderCalls;
import io.etcdj.server.cluster.MemberChanges;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.server.front.rpc.Rpc;
import io.etcdj.server.read.ReadGate;
import io.etcdj.server.text.EtcdUrl;
import io.etcdj.state.apply.Headers;
import io.etcdj.state.membership.Membership;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The members of the cluster, and changes of them. */
public final class ClusterService {
  private static final String NAME = "etcdserverpb.Cluster";

  private final Membership membership;
  private final MemberChanges changes;
  private final ReadGate gate;
  private final Headers headers;

  public ClusterService(
      Membership membership, MemberChanges changes, ReadGate gate, Headers headers) {
    this.membership = membership;
    this.changes = changes;
    this.gate = gate;
    this.headers = headers;
  }

  public List<Rpc<?, ?>> rpcs() {
    return List.of(
        Rpc.unary(NAME, "MemberList", MemberListRequest.getDefaultInstance(), this::list),
        Rpc.unary(NAME, "MemberAdd", MemberAddRequest.getDefaultInstance(), this::add),
        Rpc.unary(NAME, "MemberRemove", MemberRemoveRequest.getDefaultInstance(), this::remove),
        Rpc.unary(NAME, "MemberUpdate", MemberUpdateRequest.getDefaultInstance(), this::update),
        Rpc.unary(NAME, "MemberPromote", MemberPromoteRequest.getDefaultInstance(), this::promote));
  }

  private void list(Call<MemberListRequest, MemberListResponse> call, MemberListRequest request) {
    if (request.getLinearizable()) {
      gate.pass(call.loop(), () -> call.respond(all()), call::fail);
    } else {
      call.respond(all());
    }
  }

  private MemberListResponse all() {
    return MemberListResponse.newBuilder().setHeader(header()).addAllMembers(members()).build();
  }

  private void add(Call<MemberAddRequest, MemberAddResponse> call, MemberAddRequest request) {
    List<String> urls = urls(request.getPeerURLsList());
    respond(
        call,
        changes.add(urls, request.getIsLearner()),
        added ->
            MemberAddResponse.newBuilder()
                .setHeader(header())
                .setMember(message(added))
                .addAllMembers(members())
                .build());
  }

  private void remove(
      Call<MemberRemoveRequest, MemberRemoveResponse> call, MemberRemoveRequest request) {
    respond(
        call,
        changes.remove(request.getID()),
        unused ->
            MemberRemoveResponse.newBuilder().setHeader(header()).addAllMembers(members()).build());
  }

  private void update(
      Call<MemberUpdateRequest, MemberUpdateResponse> call, MemberUpdateRequest request) {
    List<String> urls;
    try {
      urls = urls(request.getPeerURLsList());
    } catch (EtcdException e) { // etcd takes any URLs, and finds out later that nobody has the id
      throw membership.member(request.getID()) == null ? EtcdError.MEMBER_NOT_FOUND.exception() : e;
    }
    respond(
        call,
        changes.update(request.getID(), urls),
        unused ->
            MemberUpdateResponse.newBuilder().setHeader(header()).addAllMembers(members()).build());
  }

  private void promote(
      Call<MemberPromoteRequest, MemberPromoteResponse> call, MemberPromoteRequest request) {
    respond(
        call,
        changes.promote(request.getID()),
        unused ->
            MemberPromoteResponse.newBuilder()
                .setHeader(header())
                .addAllMembers(members())
                .build());
  }

  private static <T, R extends Message> void respond(
      Call<?, R> call, CompletableFuture<T> change, Function<T, R> answer) {
    var unused =
        change.whenComplete(
            (result, failure) -> {
              if (failure == null) {
                call.respond(answer.apply(result));
              } else {
                call.fail(LeaderCalls.refusal(failure));
              }
            });
  }

  private static List<String> urls(List<String> texts) {
    if (texts.isEmpty()) {
      throw EtcdError.MEMBER_BAD_URLS.because("none given");
    }
    try {
      return texts.stream().map(text -> EtcdUrl.parse(text).toString()).toList();
    } catch (IllegalArgumentException e) {
      throw EtcdError.MEMBER_BAD_URLS.because(String.valueOf(e.getMessage()));
    }
  }

  private ResponseHeader header() {
    return headers.at(0); // this service tells no revision
  }

  private List<Member> members() {
    return membership.members().stream().map(ClusterService::message).toList();
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
