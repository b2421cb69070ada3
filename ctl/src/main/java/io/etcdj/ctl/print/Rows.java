package io.etcdj.ctl.print;

import io.etcdj.api.etcdserverpb.Member;
import io.etcdj.api.etcdserverpb.MemberListResponse;
import io.etcdj.api.etcdserverpb.StatusResponse;
import io.etcdj.ctl.text.GoDuration;
import io.etcdj.ctl.text.GoStrings;
import java.util.ArrayList;
import java.util.List;

/** The columns that the simple and the table format share. */
final class Rows {
  static final List<String> MEMBER_HEADER =
      List.of("ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS", "IS LEARNER");
  static final List<String> HEALTH_HEADER = List.of("ENDPOINT", "HEALTH", "TOOK", "ERROR");
  static final List<String> STATUS_HEADER =
      List.of(
          "ENDPOINT",
          "ID",
          "VERSION",
          "STORAGE VERSION",
          "DB SIZE",
          "IN USE",
          "PERCENTAGE NOT IN USE",
          "QUOTA",
          "IS LEADER",
          "IS LEARNER",
          "RAFT TERM",
          "RAFT INDEX",
          "RAFT APPLIED INDEX",
          "ERRORS",
          "DOWNGRADE TARGET VERSION",
          "DOWNGRADE ENABLED");
  static final List<String> HASH_HEADER = List.of("ENDPOINT", "HASH", "HASH REVISION");

  private Rows() {}

  static List<List<String>> members(MemberListResponse answer) {
    List<List<String>> rows = new ArrayList<>();
    for (Member member : answer.getMembersList()) {
      rows.add(
          List.of(
              GoStrings.hex(member.getID()),
              member.getName().isEmpty() ? "unstarted" : "started",
              member.getName(),
              String.join(",", member.getPeerURLsList()),
              String.join(",", member.getClientURLsList()),
              Boolean.toString(member.getIsLearner())));
    }
    return rows;
  }

  static List<List<String>> health(List<EndpointHealth> reports) {
    List<List<String>> rows = new ArrayList<>();
    for (EndpointHealth report : reports) {
      rows.add(
          List.of(
              report.endpoint(),
              Boolean.toString(report.healthy()),
              GoDuration.format(report.tookNanos()),
              report.error()));
    }
    return rows;
  }

  static List<List<String>> status(List<EndpointStatus> reports) {
    List<List<String>> rows = new ArrayList<>();
    for (EndpointStatus report : reports) {
      StatusResponse status = report.status();
      rows.add(
          List.of(
              report.endpoint(),
              GoStrings.hex(status.getHeader().getMemberId()),
              status.getVersion(),
              status.getStorageVersion(),
              GoStrings.bytes(status.getDbSize()),
              GoStrings.bytes(status.getDbSizeInUse()),
              percentageNotInUse(status) + "%",
              GoStrings.bytes(status.getDbSizeQuota()),
              Boolean.toString(status.getLeader() == status.getHeader().getMemberId()),
              Boolean.toString(status.getIsLearner()),
              Long.toUnsignedString(status.getRaftTerm()),
              Long.toUnsignedString(status.getRaftIndex()),
              Long.toUnsignedString(status.getRaftAppliedIndex()),
              String.join(", ", status.getErrorsList()),
              status.getDowngradeInfo().getTargetVersion(),
              Boolean.toString(status.getDowngradeInfo().getEnabled())));
    }
    return rows;
  }

  private static long percentageNotInUse(StatusResponse status) {
    long size = status.getDbSize();
    return size == 0 ? 0 : 100 - status.getDbSizeInUse() * 100 / size;
  }

  static List<List<String>> hashes(List<EndpointHash> reports) {
    List<List<String>> rows = new ArrayList<>();
    for (EndpointHash report : reports) {
      rows.add(
          List.of(
              report.endpoint(),
              Integer.toUnsignedString(report.hash().getHash()),
              Long.toString(report.hash().getHashRevision())));
    }
    return rows;
  }
}
