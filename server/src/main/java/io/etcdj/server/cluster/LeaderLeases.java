package io.etcdj.server.cluster;

import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveRequest;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.etcdj.api.leasepb.LeaseInternalRequest;
import io.etcdj.api.leasepb.LeaseInternalResponse;
import io.etcdj.server.lease.LeaseClock;
import io.etcdj.server.peer.PeerClient;
import io.etcdj.server.read.ReadGate;
import io.etcdj.state.lease.Leases;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Renews leases and tells what they have left, which only the leader can: it alone keeps time.
 *
 * <p>A leader that was paused may have been replaced without knowing: every answer here waits for a
 * round in which a quorum still follows it.
 */
public final class LeaderLeases {
  private static final String RENEW = "/leases";
  private static final String TELL = "/leases/internal";

  private final ReadGate gate;
  private final Leases leases;
  private final LeaseClock clock;
  private final LeaderCalls leader;

  public LeaderLeases(ReadGate gate, Leases leases, LeaseClock clock, LeaderCalls leader) {
    this.gate = gate;
    this.leases = leases;
    this.clock = clock;
    this.leader = leader;
  }

  /** Gives a lease its whole time again. The future gives its TTL in seconds, 0 if it has ended. */
  public CompletableFuture<Long> renew(long id) {
    return leader.ask(
        () -> renewHere(id),
        new LeaderCalls.Remote<>(
            RENEW,
            LeaseKeepAliveRequest.newBuilder().setID(id).build().toByteArray(),
            LeaderLeases::renewed));
  }

  CompletableFuture<Long> renewHere(long id) {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    gate.pass(
        Runnable::run,
        () -> {
          if (clock.leads()) {
            answer.complete(clock.renew(id));
          } else {
            answer.completeExceptionally(EtcdError.NOT_LEADER.exception());
          }
        },
        answer::completeExceptionally);
    return answer;
  }

  private static @Nullable Long renewed(PeerClient.Answer answer) {
    if (answer.status() == 404) {
      return 0L;
    }
    if (answer.status() != 200) {
      return null;
    }
    try {
      return LeaseKeepAliveResponse.parseFrom(answer.body()).getTTL();
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  /** What a lease has left; without a header, and with a TTL of -1 for one that is not there. */
  public CompletableFuture<LeaseTimeToLiveResponse> timeToLive(LeaseTimeToLiveRequest request) {
    return leader.ask(
        () -> timeToLiveHere(request),
        new LeaderCalls.Remote<>(
            TELL,
            LeaseInternalRequest.newBuilder()
                .setLeaseTimeToLiveRequest(request)
                .build()
                .toByteArray(),
            answer -> told(request.getID(), answer)));
  }

  CompletableFuture<LeaseTimeToLiveResponse> timeToLiveHere(LeaseTimeToLiveRequest request) {
    CompletableFuture<LeaseTimeToLiveResponse> answer = new CompletableFuture<>();
    gate.pass(
        Runnable::run,
        () -> {
          LeaseClock.@Nullable Remaining remaining = clock.remaining(request.getID());
          if (clock.leads()) {
            answer.complete(tell(request, remaining));
          } else {
            answer.completeExceptionally(EtcdError.NOT_LEADER.exception());
          }
        },
        answer::completeExceptionally);
    return answer;
  }

  private LeaseTimeToLiveResponse tell(
      LeaseTimeToLiveRequest request, LeaseClock.@Nullable Remaining remaining) {
    if (remaining == null) {
      return unknown(request.getID());
    }
    LeaseTimeToLiveResponse.Builder response =
        LeaseTimeToLiveResponse.newBuilder()
            .setID(request.getID())
            .setTTL(remaining.ttlSeconds())
            .setGrantedTTL(remaining.grantedTtlSeconds());
    if (request.getKeys()) {
      response.addAllKeys(leases.keys(request.getID()));
    }
    return response.build();
  }

  private static LeaseTimeToLiveResponse unknown(long id) {
    return LeaseTimeToLiveResponse.newBuilder().setID(id).setTTL(-1).build();
  }

  private static @Nullable LeaseTimeToLiveResponse told(long id, PeerClient.Answer answer) {
    if (answer.status() == 404) {
      return unknown(id);
    }
    if (answer.status() != 200) {
      return null;
    }
    try {
      return LeaseInternalResponse.parseFrom(answer.body()).getLeaseTimeToLiveResponse().toBuilder()
          .clearHeader()
          .build();
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }
}
