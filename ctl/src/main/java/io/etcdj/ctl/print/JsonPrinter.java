package io.etcdj.ctl.print;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.etcdj.api.etcdserverpb.LeaseGrantResponse;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.api.etcdserverpb.LeaseLeasesResponse;
import io.etcdj.api.etcdserverpb.LeaseStatus;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.etcdj.api.etcdserverpb.MemberAddResponse;
import io.etcdj.api.etcdserverpb.MemberListResponse;
import io.etcdj.api.etcdserverpb.MemberPromoteResponse;
import io.etcdj.api.etcdserverpb.MemberRemoveResponse;
import io.etcdj.api.etcdserverpb.MemberUpdateResponse;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.ctl.text.GoDuration;
import java.io.PrintStream;
import java.util.List;

/**
 * {@code -w json}: one line per answer.
 *
 * <p>Most answers are their message. Lease and watch answers are those of etcd's client library,
 * whose structs are shaped differently.
 */
final class JsonPrinter implements Printer {
  private final PrintStream out;
  private final boolean hex;

  JsonPrinter(PrintStream out, boolean hex) {
    this.out = out;
    this.hex = hex;
  }

  private void line(GoJson json) {
    out.print(json);
    out.print('\n');
  }

  @Override
  public void answer(Message answer) {
    line(new GoJson(false).message(answer));
  }

  private void memberAnswer(Message answer) {
    line(new GoJson(hex).message(answer));
  }

  @Override
  public void watch(WatchResponse answer) {
    GoJson json = new GoJson(false).beginObject().name("Header").message(answer.getHeader());
    json.name("Events").beginArray();
    for (Event event : answer.getEventsList()) {
      json.next().message(event);
    }
    json.endArray();
    json.name("CompactRevision").number(answer.getCompactRevision());
    json.name("Canceled").bool(answer.getCanceled());
    json.name("Created").bool(answer.getCreated());
    json.name("CancelReason").string(answer.getCancelReason());
    line(json.endObject());
  }

  @Override
  public void leaseGrant(LeaseGrantResponse answer) {
    GoJson json = new GoJson(false).beginObject().members(answer.getHeader());
    json.name("ID").number(answer.getID()).name("TTL").number(answer.getTTL());
    line(json.name("Error").string(answer.getError()).endObject());
  }

  @Override
  public void leaseKeepAlive(LeaseKeepAliveResponse answer) {
    GoJson json = new GoJson(false).beginObject().members(answer.getHeader());
    line(json.name("ID").number(answer.getID()).name("TTL").number(answer.getTTL()).endObject());
  }

  @Override
  public void leaseTimeToLive(LeaseTimeToLiveResponse answer, boolean withKeys) {
    GoJson json = new GoJson(false).beginObject().members(answer.getHeader());
    json.name("id").number(answer.getID()).name("ttl").number(answer.getTTL());
    json.name("granted-ttl").number(answer.getGrantedTTL()).name("keys");
    if (answer.getKeysCount() == 0) {
      json.nothing();
    } else {
      json.beginArray();
      for (ByteString key : answer.getKeysList()) {
        json.next().bytes(key);
      }
      json.endArray();
    }
    line(json.endObject());
  }

  @Override
  public void leases(LeaseLeasesResponse answer) {
    GoJson json = new GoJson(false).beginObject().members(answer.getHeader());
    json.name("leases").beginArray();
    for (LeaseStatus lease : answer.getLeasesList()) {
      json.next().beginObject().name("id").number(lease.getID()).endObject();
    }
    line(json.endArray().endObject());
  }

  @Override
  public void memberAdd(MemberAddResponse answer) {
    memberAnswer(answer);
  }

  @Override
  public void memberRemove(long id, MemberRemoveResponse answer) {
    memberAnswer(answer);
  }

  @Override
  public void memberUpdate(long id, MemberUpdateResponse answer) {
    memberAnswer(answer);
  }

  @Override
  public void memberPromote(long id, MemberPromoteResponse answer) {
    memberAnswer(answer);
  }

  @Override
  public void memberList(MemberListResponse answer) {
    memberAnswer(answer);
  }

  @Override
  public void endpointHealth(List<EndpointHealth> reports) {
    GoJson json = new GoJson(false).beginArray();
    for (EndpointHealth report : reports) {
      json.next().beginObject().name("endpoint").string(report.endpoint());
      json.name("health").bool(report.healthy());
      json.name("took").string(GoDuration.format(report.tookNanos()));
      if (!report.error().isEmpty()) {
        json.name("error").string(report.error());
      }
      json.endObject();
    }
    line(json.endArray());
  }

  @Override
  public void endpointStatus(List<EndpointStatus> reports) {
    GoJson json = new GoJson(false).beginArray();
    for (EndpointStatus report : reports) {
      json.next().beginObject().name("Endpoint").string(report.endpoint());
      json.name("Status").message(report.status()).endObject();
    }
    line(json.endArray());
  }

  @Override
  public void endpointHash(List<EndpointHash> reports) {
    GoJson json = new GoJson(false).beginArray();
    for (EndpointHash report : reports) {
      json.next().beginObject().name("Endpoint").string(report.endpoint());
      json.name("HashKV").message(report.hash()).endObject();
    }
    line(json.endArray());
  }
}
