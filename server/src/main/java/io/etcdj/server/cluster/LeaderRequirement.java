package io.etcdj.server.cluster;

import com.google.protobuf.Message;
import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.StatusRequest;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.server.front.rpc.RequestObserver;
import io.etcdj.server.front.rpc.Rpc;
import io.etcdj.server.member.RaftView;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * What calls may ask of this member as it stands in the cluster.
 *
 * <p>A call with {@code hasleader: true} in its metadata is refused while no leader is known, and
 * its stream ends when the leader stays away, so that the client turns to another member. A learner
 * serves only what needs no vote. Any thread.
 */
public final class LeaderRequirement {
  /** Looks without a leader after which streams are ended. */
  private static final int LOOKS = 3;

  private static final String SNAPSHOT = "/etcdserverpb.Maintenance/Snapshot";
  private static final String HEALTH_SERVICE = "grpc.health.v1.Health";

  private final RaftView view;
  private final BooleanSupplier isLearner;
  private final Set<Call<?, ?>> streams = ConcurrentHashMap.newKeySet();
  private int looksWithout;

  public LeaderRequirement(RaftView view, BooleanSupplier isLearner) {
    this.view = view;
    this.isLearner = isLearner;
  }

  /** The method with these rules in front of it. */
  public <Q extends Message, R extends Message> Rpc<Q, R> guard(Rpc<Q, R> rpc) {
    if (rpc.service().equals(HEALTH_SERVICE)) {
      return rpc;
    }
    return new Rpc<>(
        rpc.service(),
        rpc.method(),
        rpc.kind(),
        rpc.requestDefault(),
        call -> {
          boolean learner = isLearner.getAsBoolean();
          boolean stream = rpc.kind() != Rpc.Kind.UNARY;
          if (learner && stream && !rpc.path().equals(SNAPSHOT)) {
            throw EtcdError.NOT_SUPPORTED_FOR_LEARNER.exception();
          }
          requireLeader(call, stream);
          RequestObserver<Q> observer = rpc.handler().open(call);
          return learner && !stream ? new ForLearner<>(observer) : observer;
        });
  }

  private void requireLeader(Call<?, ?> call, boolean stream) {
    if (!"true".equals(call.metadata("hasleader"))) {
      return;
    }
    if (view.leader() == 0) {
      throw EtcdError.NO_LEADER.exception();
    }
    if (stream) {
      streams.add(call);
      call.onCancel(() -> streams.remove(call));
    }
  }

  /** Refuses requests that a learner must not answer. */
  private record ForLearner<Q extends Message>(RequestObserver<Q> served)
      implements RequestObserver<Q> {
    @Override
    public void onMessage(Q request) {
      boolean local =
          request instanceof StatusRequest
              || (request instanceof RangeRequest range && range.getSerializable());
      if (!local) {
        throw EtcdError.NOT_SUPPORTED_FOR_LEARNER.exception();
      }
      served.onMessage(request);
    }

    @Override
    public void onHalfClose() {
      served.onHalfClose();
    }

    @Override
    public void onCancel() {
      served.onCancel();
    }
  }

  /** Looks whether there is a leader; called once per election timeout. */
  public void look() {
    streams.removeIf(Call::isClosed);
    looksWithout = view.leader() == 0 ? looksWithout + 1 : 0;
    if (looksWithout >= LOOKS) {
      for (Call<?, ?> call : streams) {
        call.abort(EtcdError.NO_LEADER.exception());
      }
      streams.clear();
    }
  }
}
