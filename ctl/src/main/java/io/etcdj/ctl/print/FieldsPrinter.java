package io.etcdj.ctl.print;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.etcdj.api.authpb.Permission;
import io.etcdj.api.etcdserverpb.AlarmMember;
import io.etcdj.api.etcdserverpb.AlarmResponse;
import io.etcdj.api.etcdserverpb.AuthRoleAddResponse;
import io.etcdj.api.etcdserverpb.AuthRoleDeleteResponse;
import io.etcdj.api.etcdserverpb.AuthRoleGetResponse;
import io.etcdj.api.etcdserverpb.AuthRoleGrantPermissionResponse;
import io.etcdj.api.etcdserverpb.AuthRoleListResponse;
import io.etcdj.api.etcdserverpb.AuthRoleRevokePermissionResponse;
import io.etcdj.api.etcdserverpb.AuthUserAddResponse;
import io.etcdj.api.etcdserverpb.AuthUserChangePasswordResponse;
import io.etcdj.api.etcdserverpb.AuthUserDeleteResponse;
import io.etcdj.api.etcdserverpb.AuthUserGetResponse;
import io.etcdj.api.etcdserverpb.AuthUserGrantRoleResponse;
import io.etcdj.api.etcdserverpb.AuthUserListResponse;
import io.etcdj.api.etcdserverpb.AuthUserRevokeRoleResponse;
import io.etcdj.api.etcdserverpb.DeleteRangeResponse;
import io.etcdj.api.etcdserverpb.LeaseGrantResponse;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.api.etcdserverpb.LeaseLeasesResponse;
import io.etcdj.api.etcdserverpb.LeaseRevokeResponse;
import io.etcdj.api.etcdserverpb.LeaseStatus;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.etcdj.api.etcdserverpb.Member;
import io.etcdj.api.etcdserverpb.MemberListResponse;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.etcdserverpb.ResponseOp;
import io.etcdj.api.etcdserverpb.StatusResponse;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.ctl.text.GoDuration;
import io.etcdj.ctl.text.GoStrings;
import java.io.PrintStream;
import java.util.List;

/** {@code -w fields}: one {@code "Name" : value} per line. */
final class FieldsPrinter implements Printer {
  private final PrintStream out;

  FieldsPrinter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void answer(Message answer) {
    throw Format.unsupported("fields");
  }

  private void field(String name, String value) {
    out.print("\"" + name + "\" : " + value + "\n");
  }

  private void field(String name, long value) {
    field(name, Long.toString(value));
  }

  private void unsigned(String name, long value) {
    field(name, Long.toUnsignedString(value));
  }

  private void quoted(String name, String value) {
    field(name, GoStrings.quote(value));
  }

  private void quoted(String name, ByteString value) {
    field(name, GoStrings.quote(value.toByteArray()));
  }

  private void header(ResponseHeader header) {
    unsigned("ClusterID", header.getClusterId());
    unsigned("MemberID", header.getMemberId());
    if (header.getRevision() > 0) { // member answers have none
      field("Revision", header.getRevision());
    }
    unsigned("RaftTerm", header.getRaftTerm());
  }

  private void keyValue(String prefix, KeyValue kv) {
    quoted(prefix + "Key", kv.getKey());
    field(prefix + "CreateRevision", kv.getCreateRevision());
    field(prefix + "ModRevision", kv.getModRevision());
    field(prefix + "Version", kv.getVersion());
    quoted(prefix + "Value", kv.getValue());
    field(prefix + "Lease", kv.getLease());
  }

  @Override
  public void range(RangeResponse answer) {
    header(answer.getHeader());
    for (KeyValue kv : answer.getKvsList()) {
      keyValue("", kv);
    }
    field("More", Boolean.toString(answer.getMore()));
    field("Count", answer.getCount());
  }

  @Override
  public void put(PutResponse answer) {
    header(answer.getHeader());
    if (answer.hasPrevKv()) {
      keyValue("Prev", answer.getPrevKv());
    }
  }

  @Override
  public void delete(DeleteRangeResponse answer) {
    header(answer.getHeader());
    field("Deleted", answer.getDeleted());
    for (KeyValue kv : answer.getPrevKvsList()) {
      keyValue("Prev", kv);
    }
  }

  @Override
  public void txn(TxnResponse answer) {
    header(answer.getHeader());
    field("Succeeded", Boolean.toString(answer.getSucceeded()));
    for (ResponseOp op : answer.getResponsesList()) {
      switch (op.getResponseCase()) {
        case RESPONSE_RANGE -> range(op.getResponseRange());
        case RESPONSE_PUT -> put(op.getResponsePut());
        case RESPONSE_DELETE_RANGE -> delete(op.getResponseDeleteRange());
        case RESPONSE_TXN -> txn(op.getResponseTxn());
        case RESPONSE_NOT_SET -> quoted("Unknown", "");
      }
    }
  }

  @Override
  public void watch(WatchResponse answer) {
    header(answer.getHeader());
    for (Event event : answer.getEventsList()) {
      field("Type", event.getType().name());
      if (event.hasPrevKv()) {
        keyValue("Prev", event.getPrevKv());
      }
      keyValue("", event.getKv());
    }
  }

  @Override
  public void leaseGrant(LeaseGrantResponse answer) {
    header(answer.getHeader());
    field("ID", answer.getID());
    field("TTL", answer.getTTL());
  }

  @Override
  public void leaseRevoke(long id, LeaseRevokeResponse answer) {
    header(answer.getHeader());
  }

  @Override
  public void leaseKeepAlive(LeaseKeepAliveResponse answer) {
    header(answer.getHeader());
    field("ID", answer.getID());
    field("TTL", answer.getTTL());
  }

  @Override
  public void leaseTimeToLive(LeaseTimeToLiveResponse answer, boolean withKeys) {
    header(answer.getHeader());
    field("ID", answer.getID());
    field("TTL", answer.getTTL());
    field("GrantedTTL", answer.getGrantedTTL());
    for (ByteString key : answer.getKeysList()) {
      quoted("Key", key);
    }
  }

  @Override
  public void leases(LeaseLeasesResponse answer) {
    header(answer.getHeader());
    for (LeaseStatus lease : answer.getLeasesList()) {
      field("ID", lease.getID());
    }
  }

  @Override
  public void memberList(MemberListResponse answer) {
    header(answer.getHeader());
    for (Member member : answer.getMembersList()) {
      unsigned("ID", member.getID());
      quoted("Name", member.getName());
      for (String url : member.getPeerURLsList()) {
        quoted("PeerURL", url);
      }
      for (String url : member.getClientURLsList()) {
        quoted("ClientURL", url);
      }
      field("IsLearner", Boolean.toString(member.getIsLearner()));
      out.print('\n');
    }
  }

  @Override
  public void endpointHealth(List<EndpointHealth> reports) {
    for (EndpointHealth report : reports) {
      quoted("Endpoint", report.endpoint());
      field("Health", Boolean.toString(report.healthy()));
      field("Took", GoDuration.format(report.tookNanos()));
      field("Error", report.error());
      out.print('\n');
    }
  }

  @Override
  public void endpointStatus(List<EndpointStatus> reports) {
    for (EndpointStatus report : reports) {
      StatusResponse status = report.status();
      header(status.getHeader());
      quoted("Version", status.getVersion());
      quoted("StorageVersion", status.getStorageVersion());
      field("DBSize", status.getDbSize());
      field("DBSizeInUse", status.getDbSizeInUse());
      field("DBSizeQuota", status.getDbSizeQuota());
      unsigned("Leader", status.getLeader());
      field("IsLearner", Boolean.toString(status.getIsLearner()));
      unsigned("RaftIndex", status.getRaftIndex());
      unsigned("RaftTerm", status.getRaftTerm());
      unsigned("RaftAppliedIndex", status.getRaftAppliedIndex());
      field("Errors", GoStrings.slice(status.getErrorsList()));
      quoted("Endpoint", report.endpoint());
      quoted("DowngradeTargetVersion", status.getDowngradeInfo().getTargetVersion());
      field("DowngradeEnabled", Boolean.toString(status.getDowngradeInfo().getEnabled()));
      out.print('\n');
    }
  }

  @Override
  public void endpointHash(List<EndpointHash> reports) {
    for (EndpointHash report : reports) {
      header(report.hash().getHeader());
      quoted("Endpoint", report.endpoint());
      field("Hash", Integer.toUnsignedString(report.hash().getHash()));
      field("HashRevision", report.hash().getHashRevision());
      out.print('\n');
    }
  }

  @Override
  public void alarm(AlarmResponse answer) {
    header(answer.getHeader());
    for (AlarmMember alarm : answer.getAlarmsList()) {
      unsigned("MemberID", alarm.getMemberID());
      field("AlarmType", alarm.getAlarm().name());
      out.print('\n');
    }
  }

  @Override
  public void roleAdd(String role, AuthRoleAddResponse answer) {
    header(answer.getHeader());
  }

  @Override
  public void roleGet(String role, AuthRoleGetResponse answer) {
    header(answer.getHeader());
    for (Permission permission : answer.getPermList()) {
      field("PermType", " " + permission.getPermType().name()); // two blanks, as in etcdctl
      quoted("Key", permission.getKey());
      quoted("RangeEnd", permission.getRangeEnd());
    }
  }

  @Override
  public void roleDelete(String role, AuthRoleDeleteResponse answer) {
    header(answer.getHeader());
  }

  @Override
  public void roleList(AuthRoleListResponse answer) {
    header(answer.getHeader());
    names("Roles", answer.getRolesList());
  }

  private void names(String field, List<String> names) {
    StringBuilder line = new StringBuilder("\"").append(field).append("\" :");
    for (String name : names) {
      line.append(' ').append(GoStrings.quote(name));
    }
    out.print(line.append('\n'));
  }

  @Override
  public void roleGrantPermission(String role, AuthRoleGrantPermissionResponse answer) {
    header(answer.getHeader());
  }

  @Override
  public void roleRevokePermission(
      String role, byte[] key, byte[] rangeEnd, AuthRoleRevokePermissionResponse answer) {
    header(answer.getHeader());
  }

  @Override
  public void userAdd(String user, AuthUserAddResponse answer) {
    header(answer.getHeader());
  }

  @Override
  public void userGet(String user, AuthUserGetResponse answer) {
    header(answer.getHeader());
    names("Roles", answer.getRolesList());
  }

  @Override
  public void userDelete(String user, AuthUserDeleteResponse answer) {
    header(answer.getHeader());
  }

  @Override
  public void userList(AuthUserListResponse answer) {
    header(answer.getHeader());
    names("Users", answer.getUsersList());
  }

  @Override
  public void userChangePassword(AuthUserChangePasswordResponse answer) {
    header(answer.getHeader());
  }

  @Override
  public void userGrantRole(String user, String role, AuthUserGrantRoleResponse answer) {
    header(answer.getHeader());
  }

  @Override
  public void userRevokeRole(String user, String role, AuthUserRevokeRoleResponse answer) {
    header(answer.getHeader());
  }
}
