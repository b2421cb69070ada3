package io.etcdj.server.boot;

import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.AlarmMember;
import io.etcdj.api.etcdserverpb.AlarmType;
import io.etcdj.server.front.http.HealthSource;
import io.etcdj.server.read.ReadGate;
import io.etcdj.state.mvcc.Snapshot;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Whether a member is well: its alarms, its leader, and whether it can read. */
final class MemberHealth implements HealthSource {
  private final EtcdMember member;
  private final ReadGate gate;

  MemberHealth(EtcdMember member, ReadGate gate) {
    this.member = member;
    this.gate = gate;
  }

  @Override
  public CompletionStage<String> health(Set<String> excludedAlarms, boolean serializable) {
    for (AlarmMember alarm : member.alarms().list(AlarmType.NONE)) {
      String name = alarm.getAlarm().name();
      if (!excludedAlarms.contains(name)) {
        return now("ALARM " + name);
      }
    }
    if (!serializable && member.view().leader() == 0) {
      return now("RAFT NO LEADER");
    }
    return (serializable ? localRead() : linearizableRead())
        .thenApply(error -> error.isEmpty() ? "" : "RANGE ERROR:" + error);
  }

  @Override
  public List<Check> livez() {
    return List.of(new Check("serializable_read", this::localRead));
  }

  @Override
  public List<Check> readyz() {
    return List.of(
        new Check("data_corruption", this::corruption),
        new Check("serializable_read", this::localRead),
        new Check("linearizable_read", this::linearizableRead),
        new Check("non_learner", this::nonLearner));
  }

  private static CompletionStage<String> now(String answer) {
    return CompletableFuture.completedFuture(answer);
  }

  private CompletionStage<String> corruption() {
    return now(member.alarms().isActive(AlarmType.CORRUPT) ? "alarm activated: CORRUPT" : "");
  }

  private CompletionStage<String> nonLearner() {
    return now(member.isLearner() ? "not supported for learner" : "");
  }

  private CompletionStage<String> localRead() {
    try (Snapshot snapshot = member.store().snapshot()) {
      return now(snapshot.revision() > 0 ? "" : "store has no revision");
    } catch (RuntimeException e) {
      return now(String.valueOf(e.getMessage()));
    }
  }

  private CompletionStage<String> linearizableRead() {
    CompletableFuture<String> answer = new CompletableFuture<>();
    gate.pass(
        Runnable::run,
        () -> answer.complete(""),
        (EtcdException refusal) -> answer.complete(refusal.wireMessage()));
    return answer;
  }
}
