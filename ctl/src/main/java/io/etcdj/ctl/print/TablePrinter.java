package io.etcdj.ctl.print;

import com.google.protobuf.Message;
import io.etcdj.api.etcdserverpb.MemberListResponse;
import java.io.PrintStream;
import java.util.List;

/** {@code -w table}: only what is a list of things with the same columns. */
final class TablePrinter implements Printer {
  private final PrintStream out;

  TablePrinter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void answer(Message answer) {
    throw Format.unsupported("table");
  }

  @Override
  public void memberList(MemberListResponse answer) {
    Table.print(out, Rows.MEMBER_HEADER, Rows.members(answer));
  }

  @Override
  public void endpointHealth(List<EndpointHealth> reports) {
    Table.print(out, Rows.HEALTH_HEADER, Rows.health(reports));
  }

  @Override
  public void endpointStatus(List<EndpointStatus> reports) {
    Table.print(out, Rows.STATUS_HEADER, Rows.status(reports));
  }

  @Override
  public void endpointHash(List<EndpointHash> reports) {
    Table.print(out, Rows.HASH_HEADER, Rows.hashes(reports));
  }
}
