package io.etcdj.server.service;

import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.LeaseGrantRequest;
import io.etcdj.api.etcdserverpb.LeaseGrantResponse;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveRequest;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.api.etcdserverpb.LeaseLeasesRequest;
import io.etcdj.api.etcdserverpb.LeaseLeasesResponse;
import io.etcdj.api.etcdserverpb.LeaseRevokeRequest;
import io.etcdj.api.etcdserverpb.LeaseRevokeResponse;
import io.etcdj.api.etcdserverpb.LeaseStatus;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.server.cluster.LeaderCalls;
import io.etcdj.server.cluster.LeaderLeases;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.server.front.rpc.RequestObserver;
import io.etcdj.server.front.rpc.Rpc;
import io.etcdj.server.lease.LeaseClock;
import io.etcdj.server.propose.RequestIds;
import io.etcdj.state.apply.Headers;
import io.etcdj.state.lease.Leases;
import io.etcdj.state.mvcc.MvccStore;
import java.util.List;

/** Grants, revokes, renews and tells leases. */
public final class LeaseService {
  private static final String NAME = "etcdserverpb.Lease";

  private final Submission submission;
  private final LeaderLeases leaderLeases;
  private final RequestIds ids;
  private final Leases leases;
  private final LeaseClock clock;
  private final MvccStore store;
  private final Headers headers;

  public LeaseService(
      Submission submission,
      LeaderLeases leaderLeases,
      RequestIds ids,
      Leases leases,
      LeaseClock clock,
      MvccStore store,
      Headers headers) {
    this.submission = submission;
    this.leaderLeases = leaderLeases;
    this.ids = ids;
    this.leases = leases;
    this.clock = clock;
    this.store = store;
    this.headers = headers;
  }

  public List<Rpc<?, ?>> rpcs() {
    return List.of(
        Rpc.unary(NAME, "LeaseGrant", LeaseGrantRequest.getDefaultInstance(), this::grant),
        Rpc.unary(NAME, "LeaseRevoke", LeaseRevokeRequest.getDefaultInstance(), this::revoke),
        Rpc.bidi(
            NAME, "LeaseKeepAlive", LeaseKeepAliveRequest.getDefaultInstance(), this::keepAlive),
        Rpc.unary(
            NAME, "LeaseTimeToLive", LeaseTimeToLiveRequest.getDefaultInstance(), this::timeToLive),
        Rpc.unary(NAME, "LeaseLeases", LeaseLeasesRequest.getDefaultInstance(), this::list));
  }

  private void grant(Call<LeaseGrantRequest, LeaseGrantResponse> call, LeaseGrantRequest request) {
    LeaseGrantRequest.Builder named = request.toBuilder();
    if (request.getID() == 0) {
      named.setID(ids.nextLease());
    }
    submission.submit(call, InternalRaftRequest.newBuilder().setLeaseGrant(named));
  }

  private void revoke(
      Call<LeaseRevokeRequest, LeaseRevokeResponse> call, LeaseRevokeRequest request) {
    submission.submit(call, InternalRaftRequest.newBuilder().setLeaseRevoke(request));
  }

  private RequestObserver<LeaseKeepAliveRequest> keepAlive(
      Call<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call) {
    return new KeepAlives(call);
  }

  /** One stream of renewals; each is answered when it is done. */
  private final class KeepAlives implements RequestObserver<LeaseKeepAliveRequest> {
    private final Call<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call;
    private int underWay;
    private boolean halfClosed;

    KeepAlives(Call<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call) {
      this.call = call;
    }

    @Override
    public void onMessage(LeaseKeepAliveRequest request) {
      ResponseHeader header = headers.at(store.revision()); // as of before the renewal, as in etcd
      underWay++;
      var unused =
          leaderLeases
              .renew(request.getID())
              .whenCompleteAsync(
                  (ttlSeconds, failure) -> {
                    underWay--;
                    if (failure != null) {
                      call.fail(LeaderCalls.refusal(failure));
                    } else {
                      renewed(request.getID(), header, ttlSeconds);
                    }
                  },
                  call.loop());
    }

    private void renewed(long id, ResponseHeader header, long ttlSeconds) {
      call.send(
          LeaseKeepAliveResponse.newBuilder()
              .setHeader(header)
              .setID(id)
              .setTTL(ttlSeconds)
              .build());
      completeIfDone();
    }

    @Override
    public void onHalfClose() {
      halfClosed = true;
      completeIfDone();
    }

    private void completeIfDone() {
      if (halfClosed && underWay == 0) {
        call.complete();
      }
    }
  }

  private void timeToLive(
      Call<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse> call, LeaseTimeToLiveRequest request) {
    var unused =
        leaderLeases
            .timeToLive(request)
            .whenComplete(
                (told, failure) -> {
                  if (failure != null) {
                    call.fail(LeaderCalls.refusal(failure));
                  } else {
                    call.respond(told.toBuilder().setHeader(headers.at(store.revision())).build());
                  }
                });
  }

  private void list(
      Call<LeaseLeasesRequest, LeaseLeasesResponse> call, LeaseLeasesRequest request) {
    LeaseLeasesResponse.Builder response =
        LeaseLeasesResponse.newBuilder().setHeader(headers.at(store.revision()));
    clock
        .soonestFirst(leases.list().stream().map(Leases.Terms::id).toList())
        .forEach(id -> response.addLeases(LeaseStatus.newBuilder().setID(id)));
    call.respond(response.build());
  }
}
