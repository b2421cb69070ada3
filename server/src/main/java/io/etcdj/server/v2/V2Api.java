package io.etcdj.server.v2;

import io.etcdj.api.EtcdError;
import io.etcdj.server.cluster.MemberChanges;
import io.etcdj.server.front.http.Routes;
import io.etcdj.server.member.RaftView;
import io.etcdj.server.propose.Proposals;
import io.etcdj.state.apply.StateMachine;
import java.util.concurrent.Executor;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;

/** All resources of the v2 API, for the routes of the client listeners. */
public final class V2Api {
  private final Keys keys;
  private final Members members;
  private final Statistics statistics;

  /**
   * Who serves it.
   *
   * @param name the member's
   */
  public record Self(long clusterId, long memberId, String name) {}

  /**
   * @param diskFull whether a write of so many bytes must not be made for now
   * @param workers for what may take long
   * @param unixNanos the wall clock: a time to live is given as the time at which it is over
   */
  public V2Api(
      Self self,
      StateMachine machine,
      RaftView view,
      Proposals proposals,
      MemberChanges changes,
      AppendTraffic traffic,
      LongPredicate diskFull,
      Executor workers,
      LongSupplier unixNanos) {
    String clusterId = Long.toHexString(self.clusterId());
    this.keys =
        new Keys(
            clusterId,
            machine.v2(),
            (request, result) -> {
              if (diskFull.test(request.getVal().length())) {
                throw EtcdError.NO_SPACE.because("disk full");
              }
              proposals.proposeV2(request, (applied, completions) -> result.accept(applied));
            },
            new Keys.RaftPlace() {
              @Override
              public long committed() {
                return view.committed();
              }

              @Override
              public long term() {
                return view.term();
              }
            },
            workers,
            unixNanos);
    this.members = new Members(clusterId, machine.membership(), changes, view::leader);
    this.statistics =
        new Statistics(
            self.memberId(),
            self.name(),
            view,
            machine.membership(),
            machine.v2(),
            traffic,
            unixNanos);
  }

  public void addTo(Routes routes) {
    routes
        .add(Keys.PATH, keys::handle)
        .add(Keys.PATH + "/", keys::handle)
        .add(Members.PATH, members::handle)
        .add(Members.PATH + "/", members::handle)
        .add("/v2/machines", members::machines)
        .add("/v2/stats/self", statistics::self)
        .add("/v2/stats/leader", statistics::leader)
        .add("/v2/stats/store", statistics::store);
  }
}
