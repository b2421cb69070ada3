package io.etcdj.ctl.print;

import com.google.protobuf.Message;
import io.etcdj.api.etcdserverpb.AlarmResponse;
import io.etcdj.api.etcdserverpb.AuthDisableResponse;
import io.etcdj.api.etcdserverpb.AuthEnableResponse;
import io.etcdj.api.etcdserverpb.AuthRoleAddResponse;
import io.etcdj.api.etcdserverpb.AuthRoleDeleteResponse;
import io.etcdj.api.etcdserverpb.AuthRoleGetResponse;
import io.etcdj.api.etcdserverpb.AuthRoleGrantPermissionResponse;
import io.etcdj.api.etcdserverpb.AuthRoleListResponse;
import io.etcdj.api.etcdserverpb.AuthRoleRevokePermissionResponse;
import io.etcdj.api.etcdserverpb.AuthStatusResponse;
import io.etcdj.api.etcdserverpb.AuthUserAddResponse;
import io.etcdj.api.etcdserverpb.AuthUserChangePasswordResponse;
import io.etcdj.api.etcdserverpb.AuthUserDeleteResponse;
import io.etcdj.api.etcdserverpb.AuthUserGetResponse;
import io.etcdj.api.etcdserverpb.AuthUserGrantRoleResponse;
import io.etcdj.api.etcdserverpb.AuthUserListResponse;
import io.etcdj.api.etcdserverpb.AuthUserRevokeRoleResponse;
import io.etcdj.api.etcdserverpb.DeleteRangeResponse;
import io.etcdj.api.etcdserverpb.DowngradeResponse;
import io.etcdj.api.etcdserverpb.LeaseGrantResponse;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.api.etcdserverpb.LeaseLeasesResponse;
import io.etcdj.api.etcdserverpb.LeaseRevokeResponse;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.etcdj.api.etcdserverpb.MemberAddResponse;
import io.etcdj.api.etcdserverpb.MemberListResponse;
import io.etcdj.api.etcdserverpb.MemberPromoteResponse;
import io.etcdj.api.etcdserverpb.MemberRemoveResponse;
import io.etcdj.api.etcdserverpb.MemberUpdateResponse;
import io.etcdj.api.etcdserverpb.MoveLeaderResponse;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.api.etcdserverpb.WatchResponse;
import java.util.List;

/**
 * Prints answers in one format.
 *
 * <p>What a format has no form of its own for goes through {@link #answer}: json and protobuf print
 * any message, the others refuse it.
 */
public interface Printer {
  /**
   * Any answer without a method that this format overrides.
   *
   * @throws io.etcdj.ctl.cli.Failure if it cannot be shown
   */
  void answer(Message answer);

  /** Whether etcdctl adds its explanations for people, which only the simple format has. */
  default boolean isForPeople() {
    return false;
  }

  /** Values without their keys, from now on; ignored by formats that name what they print. */
  default void valuesOnly() {}

  default void range(RangeResponse answer) {
    answer(answer);
  }

  default void put(PutResponse answer) {
    answer(answer);
  }

  default void delete(DeleteRangeResponse answer) {
    answer(answer);
  }

  default void txn(TxnResponse answer) {
    answer(answer);
  }

  default void watch(WatchResponse answer) {
    answer(answer);
  }

  default void leaseGrant(LeaseGrantResponse answer) {
    answer(answer);
  }

  default void leaseRevoke(long id, LeaseRevokeResponse answer) {
    answer(answer);
  }

  default void leaseKeepAlive(LeaseKeepAliveResponse answer) {
    answer(answer);
  }

  default void leaseTimeToLive(LeaseTimeToLiveResponse answer, boolean withKeys) {
    answer(answer);
  }

  default void leases(LeaseLeasesResponse answer) {
    answer(answer);
  }

  default void memberAdd(MemberAddResponse answer) {
    answer(answer);
  }

  default void memberRemove(long id, MemberRemoveResponse answer) {
    answer(answer);
  }

  default void memberUpdate(long id, MemberUpdateResponse answer) {
    answer(answer);
  }

  default void memberPromote(long id, MemberPromoteResponse answer) {
    answer(answer);
  }

  default void memberList(MemberListResponse answer) {
    answer(answer);
  }

  void endpointHealth(List<EndpointHealth> reports);

  void endpointStatus(List<EndpointStatus> reports);

  void endpointHash(List<EndpointHash> reports);

  default void alarm(AlarmResponse answer) {
    answer(answer);
  }

  default void moveLeader(long from, long to, MoveLeaderResponse answer) {
    answer(answer);
  }

  /** What became of a downgrade's {@code action}: validate, enable or cancel. */
  default void downgrade(String action, DowngradeResponse answer) {
    answer(answer);
  }

  default void authEnable(AuthEnableResponse answer) {
    answer(answer);
  }

  default void authDisable(AuthDisableResponse answer) {
    answer(answer);
  }

  default void authStatus(AuthStatusResponse answer) {
    answer(answer);
  }

  default void roleAdd(String role, AuthRoleAddResponse answer) {
    answer(answer);
  }

  default void roleGet(String role, AuthRoleGetResponse answer) {
    answer(answer);
  }

  default void roleDelete(String role, AuthRoleDeleteResponse answer) {
    answer(answer);
  }

  default void roleList(AuthRoleListResponse answer) {
    answer(answer);
  }

  default void roleGrantPermission(String role, AuthRoleGrantPermissionResponse answer) {
    answer(answer);
  }

  default void roleRevokePermission(
      String role, byte[] key, byte[] rangeEnd, AuthRoleRevokePermissionResponse answer) {
    answer(answer);
  }

  default void userAdd(String user, AuthUserAddResponse answer) {
    answer(answer);
  }

  default void userGet(String user, AuthUserGetResponse answer) {
    answer(answer);
  }

  default void userDelete(String user, AuthUserDeleteResponse answer) {
    answer(answer);
  }

  default void userList(AuthUserListResponse answer) {
    answer(answer);
  }

  default void userChangePassword(AuthUserChangePasswordResponse answer) {
    answer(answer);
  }

  default void userGrantRole(String user, String role, AuthUserGrantRoleResponse answer) {
    answer(answer);
  }

  default void userRevokeRole(String user, String role, AuthUserRevokeRoleResponse answer) {
    answer(answer);
  }
}
