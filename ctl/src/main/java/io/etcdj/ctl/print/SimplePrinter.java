package io.etcdj.ctl.print;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.etcdj.api.authpb.Permission;
import io.etcdj.api.etcdserverpb.AlarmMember;
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
import io.etcdj.api.etcdserverpb.LeaseStatus;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.etcdj.api.etcdserverpb.MemberAddResponse;
import io.etcdj.api.etcdserverpb.MemberListResponse;
import io.etcdj.api.etcdserverpb.MemberPromoteResponse;
import io.etcdj.api.etcdserverpb.MemberRemoveResponse;
import io.etcdj.api.etcdserverpb.MemberUpdateResponse;
import io.etcdj.api.etcdserverpb.MoveLeaderResponse;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.ResponseOp;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.ctl.text.GoDuration;
import io.etcdj.ctl.text.GoStrings;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The default format: lines for people, and keys and values as the raw bytes that they are. */
final class SimplePrinter implements Printer {
  private static final byte[] OPEN_ENDED = {0};

  private final PrintStream out;
  private final boolean hex;
  private boolean valuesOnly;

  SimplePrinter(PrintStream out, boolean hex) {
    this.out = out;
    this.hex = hex;
  }

  @Override
  public void answer(Message answer) {
    throw Format.unsupported("simple");
  }

  @Override
  public boolean isForPeople() {
    return true;
  }

  @Override
  public void valuesOnly() {
    valuesOnly = true;
  }

  private void line(String text) {
    out.print(text);
    out.print('\n');
  }

  private void bytes(ByteString bytes) {
    if (hex) {
      out.print(GoStrings.hexEscaped(bytes.toByteArray()));
    } else {
      byte[] raw = bytes.toByteArray();
      out.write(raw, 0, raw.length);
    }
    out.print('\n');
  }

  private void keyValue(KeyValue kv) {
    if (!valuesOnly) {
      bytes(kv.getKey());
    }
    bytes(kv.getValue());
  }

  private void rows(List<List<String>> rows) {
    for (List<String> row : rows) {
      line(String.join(", ", row));
    }
  }

  @Override
  public void range(RangeResponse answer) {
    for (int i = 0; i < answer.getKvsCount(); i++) {
      keyValue(answer.getKvs(i));
    }
  }

  @Override
  public void put(PutResponse answer) {
    line("OK");
    if (answer.hasPrevKv()) {
      keyValue(answer.getPrevKv());
    }
  }

  @Override
  public void delete(DeleteRangeResponse answer) {
    line(Long.toString(answer.getDeleted()));
    for (int i = 0; i < answer.getPrevKvsCount(); i++) {
      keyValue(answer.getPrevKvs(i));
    }
  }

  @Override
  public void txn(TxnResponse answer) {
    line(answer.getSucceeded() ? "SUCCESS" : "FAILURE");
    for (ResponseOp op : answer.getResponsesList()) {
      line("");
      switch (op.getResponseCase()) {
        case RESPONSE_RANGE -> range(op.getResponseRange());
        case RESPONSE_PUT -> put(op.getResponsePut());
        case RESPONSE_DELETE_RANGE -> delete(op.getResponseDeleteRange());
        case RESPONSE_TXN -> txn(op.getResponseTxn());
        case RESPONSE_NOT_SET -> line("unexpected response " + op);
      }
    }
  }

  @Override
  public void watch(WatchResponse answer) {
    for (Event event : answer.getEventsList()) {
      line(event.getType().name());
      if (event.hasPrevKv()) {
        keyValue(event.getPrevKv());
      }
      keyValue(event.getKv());
    }
  }

  private static String lease(long id) {
    return "lease " + GoStrings.hex16(id);
  }

  @Override
  public void leaseGrant(LeaseGrantResponse answer) {
    line(lease(answer.getID()) + " granted with TTL(" + answer.getTTL() + "s)");
  }

  @Override
  public void leaseRevoke(long id, LeaseRevokeResponse answer) {
    line(lease(id) + " revoked");
  }

  @Override
  public void leaseKeepAlive(LeaseKeepAliveResponse answer) {
    line(lease(answer.getID()) + " keepalived with TTL(" + answer.getTTL() + ")");
  }

  @Override
  public void leaseTimeToLive(LeaseTimeToLiveResponse answer, boolean withKeys) {
    if (answer.getGrantedTTL() == 0 && answer.getTTL() == -1) {
      line(lease(answer.getID()) + " already expired");
      return;
    }
    out.print(
        lease(answer.getID())
            + " granted with TTL("
            + answer.getGrantedTTL()
            + "s), remaining("
            + answer.getTTL()
            + "s)");
    if (withKeys) {
      List<String> keys = new ArrayList<>();
      for (ByteString key : answer.getKeysList()) {
        keys.add(key.toStringUtf8());
      }
      out.print(", attached keys(" + GoStrings.slice(keys) + ")");
    }
    line("");
  }

  @Override
  public void leases(LeaseLeasesResponse answer) {
    line("found " + answer.getLeasesCount() + " leases");
    for (LeaseStatus lease : answer.getLeasesList()) {
      line(GoStrings.hex16(lease.getID()));
    }
  }

  /** {@code %16x}: members and clusters are padded with blanks, not zeros. */
  private static String id(long id) {
    return GoStrings.padLeft(GoStrings.hex(id), 16, ' ');
  }

  @Override
  public void memberAdd(MemberAddResponse answer) {
    line(
        "Member "
            + id(answer.getMember().getID())
            + (answer.getMember().getIsLearner() ? " added as learner to" : " added to")
            + " cluster "
            + id(answer.getHeader().getClusterId()));
  }

  @Override
  public void memberRemove(long id, MemberRemoveResponse answer) {
    line("Member " + id(id) + " removed from cluster " + id(answer.getHeader().getClusterId()));
  }

  @Override
  public void memberUpdate(long id, MemberUpdateResponse answer) {
    line("Member " + id(id) + " updated in cluster " + id(answer.getHeader().getClusterId()));
  }

  @Override
  public void memberPromote(long id, MemberPromoteResponse answer) {
    line("Member " + id(id) + " promoted in cluster " + id(answer.getHeader().getClusterId()));
  }

  @Override
  public void memberList(MemberListResponse answer) {
    rows(Rows.members(answer));
  }

  /** Healthy ones only: the command itself says on stderr which are not. */
  @Override
  public void endpointHealth(List<EndpointHealth> reports) {
    for (EndpointHealth report : reports) {
      if (report.healthy()) {
        line(
            report.endpoint()
                + " is healthy: successfully committed proposal: took = "
                + GoDuration.format(report.tookNanos()));
      }
    }
  }

  @Override
  public void endpointStatus(List<EndpointStatus> reports) {
    rows(Rows.status(reports));
  }

  @Override
  public void endpointHash(List<EndpointHash> reports) {
    rows(Rows.hashes(reports));
  }

  @Override
  public void alarm(AlarmResponse answer) {
    for (AlarmMember alarm : answer.getAlarmsList()) {
      line(
          "memberID:"
              + Long.toUnsignedString(alarm.getMemberID())
              + "  alarm:"
              + alarm.getAlarm().name());
    }
  }

  @Override
  public void moveLeader(long from, long to, MoveLeaderResponse answer) {
    line("Leadership transferred from " + GoStrings.hex(from) + " to " + GoStrings.hex(to));
  }

  @Override
  public void downgrade(String action, DowngradeResponse answer) {
    line("Downgrade " + action + " success, cluster version " + answer.getVersion());
  }

  @Override
  public void authEnable(AuthEnableResponse answer) {
    line("Authentication Enabled");
  }

  @Override
  public void authDisable(AuthDisableResponse answer) {
    line("Authentication Disabled");
  }

  @Override
  public void authStatus(AuthStatusResponse answer) {
    line("Authentication Status: " + answer.getEnabled());
    line("AuthRevision: " + Long.toUnsignedString(answer.getAuthRevision()));
  }

  @Override
  public void roleAdd(String role, AuthRoleAddResponse answer) {
    line("Role " + role + " created");
  }

  @Override
  public void roleGet(String role, AuthRoleGetResponse answer) {
    line("Role " + role);
    line("KV Read:");
    permissions(answer, Permission.Type.READ);
    line("KV Write:");
    permissions(answer, Permission.Type.WRITE);
  }

  private void permissions(AuthRoleGetResponse role, Permission.Type wanted) {
    for (Permission permission : role.getPermList()) {
      Permission.Type type = permission.getPermType();
      if (type != wanted && type != Permission.Type.READWRITE) {
        continue;
      }
      String key = permission.getKey().toStringUtf8();
      byte[] end = permission.getRangeEnd().toByteArray();
      if (end.length == 0) {
        line("\t" + key);
      } else if (Arrays.equals(end, OPEN_ENDED)) {
        line("\t[" + key + ", <open ended>");
      } else {
        boolean prefix = Arrays.equals(end, prefixEnd(permission.getKey().toByteArray()));
        line(
            "\t["
                + key
                + ", "
                + permission.getRangeEnd().toStringUtf8()
                + ")"
                + (prefix ? " (prefix " + key + ")" : ""));
      }
    }
  }

  /** The first key after all keys that start with {@code key}: its last byte below 0xff plus 1. */
  private static byte[] prefixEnd(byte[] key) {
    for (int i = key.length - 1; i >= 0; i--) {
      if (key[i] != (byte) 0xff) {
        byte[] end = Arrays.copyOf(key, i + 1);
        end[i]++;
        return end;
      }
    }
    return OPEN_ENDED;
  }

  @Override
  public void roleDelete(String role, AuthRoleDeleteResponse answer) {
    line("Role " + role + " deleted");
  }

  @Override
  public void roleList(AuthRoleListResponse answer) {
    for (String role : answer.getRolesList()) {
      line(role);
    }
  }

  @Override
  public void roleGrantPermission(String role, AuthRoleGrantPermissionResponse answer) {
    line("Role " + role + " updated");
  }

  @Override
  public void roleRevokePermission(
      String role, byte[] key, byte[] rangeEnd, AuthRoleRevokePermissionResponse answer) {
    String from = ByteString.copyFrom(key).toStringUtf8();
    String suffix = " is revoked from role " + role;
    if (rangeEnd.length == 0) {
      line("Permission of key " + from + suffix);
    } else if (Arrays.equals(rangeEnd, OPEN_ENDED)) {
      line("Permission of range [" + from + ", <open ended>" + suffix);
    } else {
      String to = ByteString.copyFrom(rangeEnd).toStringUtf8();
      line("Permission of range [" + from + ", " + to + ")" + suffix);
    }
  }

  @Override
  public void userAdd(String user, AuthUserAddResponse answer) {
    line("User " + user + " created");
  }

  @Override
  public void userGet(String user, AuthUserGetResponse answer) {
    line("User: " + user);
    StringBuilder roles = new StringBuilder("Roles:");
    for (String role : answer.getRolesList()) {
      roles.append(' ').append(role);
    }
    line(roles.toString());
  }

  @Override
  public void userDelete(String user, AuthUserDeleteResponse answer) {
    line("User " + user + " deleted");
  }

  @Override
  public void userList(AuthUserListResponse answer) {
    for (String user : answer.getUsersList()) {
      line(user);
    }
  }

  @Override
  public void userChangePassword(AuthUserChangePasswordResponse answer) {
    line("Password updated");
  }

  @Override
  public void userGrantRole(String user, String role, AuthUserGrantRoleResponse answer) {
    line("Role " + role + " is granted to user " + user);
  }

  @Override
  public void userRevokeRole(String user, String role, AuthUserRevokeRoleResponse answer) {
    line("Role " + role + " is revoked from user " + user);
  }
}
