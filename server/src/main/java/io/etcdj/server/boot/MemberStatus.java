package io.etcdj.server.boot;

import io.etcdj.server.service.MaintenanceService;
import io.etcdj.state.membership.Downgrade;

/** What {@code Maintenance.Status} tells of a member. */
record MemberStatus(EtcdMember member) implements MaintenanceService.MemberStatus {
  @Override
  public long leader() {
    return member.view().leader();
  }

  @Override
  public long term() {
    return member.view().term();
  }

  @Override
  public long committedIndex() {
    return member.view().committed();
  }

  @Override
  public long appliedIndex() {
    return member.appliedIndex();
  }

  @Override
  public boolean isLearner() {
    return member.isLearner();
  }

  @Override
  public Downgrade downgrade() {
    return member.membership().downgrade();
  }

  @Override
  public String storageVersion() {
    String version = member.membership().clusterVersion();
    return version == null ? "" : version;
  }
}
