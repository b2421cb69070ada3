package io.etcdj.ctl.command;

/** The paths of the calls that commands make. */
final class Rpc {
  static final String RANGE = "/etcdserverpb.KV/Range";
  static final String RANGE_STREAM = "/etcdserverpb.KV/RangeStream";
  static final String PUT = "/etcdserverpb.KV/Put";
  static final String DELETE_RANGE = "/etcdserverpb.KV/DeleteRange";
  static final String TXN = "/etcdserverpb.KV/Txn";
  static final String COMPACT = "/etcdserverpb.KV/Compact";
  static final String WATCH = "/etcdserverpb.Watch/Watch";
  static final String LEASE_GRANT = "/etcdserverpb.Lease/LeaseGrant";
  static final String LEASE_REVOKE = "/etcdserverpb.Lease/LeaseRevoke";
  static final String LEASE_KEEP_ALIVE = "/etcdserverpb.Lease/LeaseKeepAlive";
  static final String LEASE_TIME_TO_LIVE = "/etcdserverpb.Lease/LeaseTimeToLive";
  static final String LEASE_LEASES = "/etcdserverpb.Lease/LeaseLeases";
  static final String MEMBER_ADD = "/etcdserverpb.Cluster/MemberAdd";
  static final String MEMBER_REMOVE = "/etcdserverpb.Cluster/MemberRemove";
  static final String MEMBER_UPDATE = "/etcdserverpb.Cluster/MemberUpdate";
  static final String MEMBER_LIST = "/etcdserverpb.Cluster/MemberList";
  static final String MEMBER_PROMOTE = "/etcdserverpb.Cluster/MemberPromote";
  static final String ALARM = "/etcdserverpb.Maintenance/Alarm";
  static final String STATUS = "/etcdserverpb.Maintenance/Status";
  static final String DEFRAGMENT = "/etcdserverpb.Maintenance/Defragment";
  static final String HASH_KV = "/etcdserverpb.Maintenance/HashKV";
  static final String SNAPSHOT = "/etcdserverpb.Maintenance/Snapshot";
  static final String MOVE_LEADER = "/etcdserverpb.Maintenance/MoveLeader";
  static final String DOWNGRADE = "/etcdserverpb.Maintenance/Downgrade";
  static final String AUTH_ENABLE = "/etcdserverpb.Auth/AuthEnable";
  static final String AUTH_DISABLE = "/etcdserverpb.Auth/AuthDisable";
  static final String AUTH_STATUS = "/etcdserverpb.Auth/AuthStatus";
  static final String AUTHENTICATE = "/etcdserverpb.Auth/Authenticate";
  static final String USER_ADD = "/etcdserverpb.Auth/UserAdd";
  static final String USER_GET = "/etcdserverpb.Auth/UserGet";
  static final String USER_LIST = "/etcdserverpb.Auth/UserList";
  static final String USER_DELETE = "/etcdserverpb.Auth/UserDelete";
  static final String USER_CHANGE_PASSWORD = "/etcdserverpb.Auth/UserChangePassword";
  static final String USER_GRANT_ROLE = "/etcdserverpb.Auth/UserGrantRole";
  static final String USER_REVOKE_ROLE = "/etcdserverpb.Auth/UserRevokeRole";
  static final String ROLE_ADD = "/etcdserverpb.Auth/RoleAdd";
  static final String ROLE_GET = "/etcdserverpb.Auth/RoleGet";
  static final String ROLE_LIST = "/etcdserverpb.Auth/RoleList";
  static final String ROLE_DELETE = "/etcdserverpb.Auth/RoleDelete";
  static final String ROLE_GRANT_PERMISSION = "/etcdserverpb.Auth/RoleGrantPermission";
  static final String ROLE_REVOKE_PERMISSION = "/etcdserverpb.Auth/RoleRevokePermission";

  private Rpc() {}
}
