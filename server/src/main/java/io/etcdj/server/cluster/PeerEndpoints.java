package io.etcdj.server.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveRequest;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.leasepb.LeaseInternalRequest;
import io.etcdj.api.leasepb.LeaseInternalResponse;
import io.etcdj.server.front.http.Answers;
import io.etcdj.server.front.http.Bodies;
import io.etcdj.server.front.http.Routes;
import io.etcdj.server.front.vertx.GoHeaders;
import io.etcdj.server.read.ReadGate;
import io.etcdj.state.membership.MemberJson;
import io.etcdj.state.membership.Membership;
import io.etcdj.state.mvcc.KvHash;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.math.BigInteger;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** What other members may ask of this one by plain HTTP, beside Raft's own messages. */
public final class PeerEndpoints {
  private static final String CLUSTER_ID = "X-Etcd-Cluster-ID";
  private static final String PROTOBUF = "application/protobuf";
  private static final String PROMOTE = "/members/promote/";
  private static final int MAX_BODY_BYTES = 64 << 10;

  private final String clusterId;
  private final Membership membership;
  private final MemberChanges changes;
  private final LeaderLeases leases;
  private final ReadGate gate;
  private final Hashes hashes;

  /** Hashes the history up to a revision, 0 for all, off the event loop. */
  @FunctionalInterface
  public interface Hashes {
    CompletableFuture<KvHash> hash(long revision);
  }

  public PeerEndpoints(
      long clusterId,
      Membership membership,
      MemberChanges changes,
      LeaderLeases leases,
      ReadGate gate,
      Hashes hashes) {
    this.clusterId = Long.toHexString(clusterId);
    this.membership = membership;
    this.changes = changes;
    this.leases = leases;
    this.gate = gate;
    this.hashes = hashes;
  }

  public void addTo(Routes routes) {
    routes
        .add("/members", this::members)
        .add(PROMOTE, this::promote)
        .add("/leases", request -> withBody(request, this::renew))
        .add("/leases/internal", request -> withBody(request, this::timeToLive))
        .add("/members/hashkv", this::hashKv)
        .add("/downgrade/enabled", this::downgrade);
  }

  private void members(HttpServerRequest request) {
    if (Answers.allow(request, HttpMethod.GET)) {
      respondWithMembers(request);
    }
  }

  private void respondWithMembers(HttpServerRequest request) {
    Answers.json(named(request), MemberJson.write(membership.members()) + "\n");
  }

  private void promote(HttpServerRequest request) {
    if (!Answers.allow(request, HttpMethod.POST)) {
      return;
    }
    named(request);
    String text = Objects.requireNonNull(request.path()).substring(PROMOTE.length());
    long id;
    try {
      id = Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      Answers.error(request.response(), 404, "member " + text + " not found in cluster");
      return;
    }
    answer(
        request,
        changes.promote(id),
        (response, done) -> respondWithMembers(request),
        PeerEndpoints::promotionStatus,
        MemberChanges::promotionText);
  }

  private static int promotionStatus(EtcdException refusal) {
    EtcdError error = refusal.error();
    if (error == EtcdError.MEMBER_NOT_FOUND) {
      return 404;
    }
    if (error == EtcdError.MEMBER_NOT_LEARNER || error == EtcdError.LEARNER_NOT_READY) {
      return 412;
    }
    return error == EtcdError.TIMEOUT ? 408 : 500;
  }

  private void renew(HttpServerRequest request, byte[] body) {
    LeaseKeepAliveRequest asked;
    try {
      asked = LeaseKeepAliveRequest.parseFrom(body);
    } catch (InvalidProtocolBufferException e) {
      Answers.error(request.response(), 400, "error unmarshalling request");
      return;
    }
    answer(
        request,
        leases.renewHere(asked.getID()),
        (response, ttlSeconds) -> {
          if (ttlSeconds == 0) {
            Answers.error(response, 404, "lease not found");
            return;
          }
          protobuf(
              response,
              LeaseKeepAliveResponse.newBuilder()
                  .setID(asked.getID())
                  .setTTL(ttlSeconds)
                  .build()
                  .toByteArray());
        },
        PeerEndpoints::leaseStatus,
        PeerEndpoints::leaseText);
  }

  private void timeToLive(HttpServerRequest request, byte[] body) {
    LeaseInternalRequest asked;
    try {
      asked = LeaseInternalRequest.parseFrom(body);
    } catch (InvalidProtocolBufferException e) {
      Answers.error(request.response(), 400, "error unmarshalling request");
      return;
    }
    answer(
        request,
        leases.timeToLiveHere(asked.getLeaseTimeToLiveRequest()),
        (response, told) -> {
          if (told.getTTL() < 0) {
            Answers.error(response, 404, "lease not found");
            return;
          }
          LeaseTimeToLiveResponse withHeader =
              told.toBuilder().setHeader(ResponseHeader.getDefaultInstance()).build();
          protobuf(
              response,
              LeaseInternalResponse.newBuilder()
                  .setLeaseTimeToLiveResponse(withHeader)
                  .build()
                  .toByteArray());
        },
        PeerEndpoints::leaseStatus,
        PeerEndpoints::leaseText);
  }

  private static int leaseStatus(EtcdException refusal) {
    return refusal.error() == EtcdError.TIMEOUT ? 408 : 400;
  }

  private static String leaseText(EtcdException refusal) {
    return refusal.error() == EtcdError.NOT_LEADER
        ? "not a primary lessor"
        : "waiting for node to catch up its applied index has timed out";
  }

  /** A GET whose body says which revision. */
  private void hashKv(HttpServerRequest request) {
    if (!Answers.allow(request, HttpMethod.GET)) {
      return;
    }
    String asker = request.getHeader(CLUSTER_ID);
    if (asker != null && !asker.isEmpty() && !asker.equals(clusterId)) {
      Answers.error(named(request), 412, "cluster ID mismatch");
      return;
    }
    body(request, this::hashKv);
  }

  private void hashKv(HttpServerRequest request, byte[] body) {
    long revision;
    try {
      JsonElement asked =
          JsonParser.parseString(new String(body, UTF_8)).getAsJsonObject().get("revision");
      revision = asked == null ? 0 : asked.getAsLong();
    } catch (JsonParseException | IllegalStateException | NumberFormatException e) {
      Answers.error(request.response(), 400, "error unmarshalling request");
      return;
    }
    answer(
        request,
        hashes.hash(revision),
        (response, hash) -> Answers.json(response, hashJson(hash).toString()),
        refusal -> 400,
        refusal -> refusal.wireMessage().replace("etcdserver: ", ""));
  }

  /** Go's JSON, in which zeros are left out. */
  private static JsonObject hashJson(KvHash hash) {
    JsonObject header = new JsonObject();
    header.addProperty("revision", hash.revision());
    JsonObject json = new JsonObject();
    json.add("header", header);
    json.addProperty("hash", Integer.toUnsignedLong(hash.hash()));
    if (hash.compactRevision() != 0) {
      json.addProperty("compact_revision", BigInteger.valueOf(hash.compactRevision()));
    }
    if (hash.hashRevision() != 0) {
      json.addProperty("hash_revision", BigInteger.valueOf(hash.hashRevision()));
    }
    return json;
  }

  private void downgrade(HttpServerRequest request) {
    if (!Answers.allow(request, HttpMethod.GET)) {
      return;
    }
    CompletableFuture<Boolean> enabled = new CompletableFuture<>();
    gate.pass(
        Runnable::run,
        () -> enabled.complete(membership.downgrade().enabled()),
        enabled::completeExceptionally);
    answer(
        request,
        enabled,
        (response, on) -> {
          response.putHeader(GoHeaders.CONTENT_TYPE, "text/plain"); // here without a charset
          GoHeaders.end(response, on.toString());
        },
        refusal -> 500,
        refusal -> "failed linearized read: " + refusal.wireMessage());
  }

  // ---- Requests and answers ---------------------------------------------------------------------

  private HttpServerResponse named(HttpServerRequest request) {
    return request.response().putHeader(CLUSTER_ID, clusterId);
  }

  private void withBody(HttpServerRequest request, BiConsumer<HttpServerRequest, byte[]> next) {
    if (Answers.allow(request, HttpMethod.POST)) {
      body(request, next);
    }
  }

  private static void body(HttpServerRequest request, BiConsumer<HttpServerRequest, byte[]> next) {
    Bodies.read(
        request,
        MAX_BODY_BYTES,
        body -> next.accept(request, body.getBytes()),
        () -> Answers.error(request.response(), 413, "request body too large"));
  }

  private interface Status {
    int of(EtcdException refusal);
  }

  private interface Text {
    String of(EtcdException refusal);
  }

  /** Answers on the request's own event loop, when the future is done. */
  private static <T> void answer(
      HttpServerRequest request,
      CompletableFuture<T> future,
      BiConsumer<HttpServerResponse, T> success,
      Status status,
      Text text) {
    Context context = Objects.requireNonNull(Vertx.currentContext());
    var unused =
        future.whenComplete(
            (result, failure) ->
                context.runOnContext(
                    now -> {
                      HttpServerResponse response = request.response();
                      if (response.closed() || response.ended()) {
                        return;
                      }
                      if (failure == null) {
                        success.accept(response, result);
                      } else {
                        EtcdException refusal = LeaderCalls.refusal(failure);
                        Answers.error(response, status.of(refusal), text.of(refusal));
                      }
                    }));
  }

  private static void protobuf(HttpServerResponse response, byte[] body) {
    response.putHeader(HttpHeaders.CONTENT_TYPE, PROTOBUF).end(Buffer.buffer(body));
  }
}
