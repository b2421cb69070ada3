package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import io.etcdj.server.config.Version;
import io.etcdj.server.front.http.Answers;
import io.etcdj.server.front.http.Routes;
import io.etcdj.server.front.vertx.GoHeaders;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What other members ask of this one, for Raft. Shared by all loops. */
final class PeerRoutes {
  /** As much as a stream takes. */
  private static final int MAX_BODY_BYTES = StreamKind.MAX_MESSAGE_BYTES;

  private final PeerEnvironment environment;
  private final SnapshotStore snapshots;
  private final Members members;
  private final Clock clock = Clock.system(ZoneId.systemDefault());

  /** Who is known. */
  interface Members {
    @Nullable Peer peer(long id);

    /** Somebody has spoken to us who may be a member that we do not know yet. */
    void addRemote(long id, List<String> urls);

    /** What kind of server a member is, by its request. */
    void sawOwnVersion(long id, @Nullable String header);
  }

  PeerRoutes(PeerEnvironment environment, SnapshotStore snapshots, Members members) {
    this.environment = environment;
    this.snapshots = snapshots;
    this.members = members;
  }

  void addTo(Routes routes) {
    routes.add(Pipeline.PATH, this::message);
    routes.add(StreamKind.PATH, this::stream);
    routes.add(SnapshotSender.PATH, this::snapshot);
    routes.add(Prober.PATH, this::probe);
  }

  private void probe(HttpServerRequest request) {
    String now = DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(OffsetDateTime.now(clock));
    Answers.text(request.response(), "{\"OK\":true,\"Now\":\"" + now + "\"}\n");
  }

  /** Whether whoever asks is one of this cluster; answers the request if not. */
  private boolean admit(HttpServerRequest request) {
    String refusal;
    try {
      refusal = environment.headers().refusal(request.headers(), environment.log());
    } catch (IllegalArgumentException notAVersion) {
      environment.log().warn("malformed version from a peer", "error", notAVersion);
      request.connection().close(); // etcd's handler panics, which is the same
      return false;
    }
    if (refusal != null) {
      Answers.error(request.response(), 412, refusal);
      return false;
    }
    return true;
  }

  private void putHeaders(HttpServerResponse response) {
    response.putHeader(PeerHeaders.CLUSTER_ID, environment.headers().clusterId());
    response.putHeader(PeerHeaders.OWN_VERSION, Version.own());
  }

  private void stream(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    if (!Answers.allow(request, HttpMethod.GET)) {
      return;
    }
    response.putHeader(PeerHeaders.VERSION, Version.ETCD);
    putHeaders(response);
    if (!admit(request)) {
      return;
    }
    String rest =
        Objects.requireNonNullElse(request.path(), "").substring(StreamKind.PATH.length());
    StreamKind kind = null;
    for (StreamKind candidate : StreamKind.values()) {
      if (rest.startsWith(candidate.segment() + '/')) {
        kind = candidate;
      }
    }
    if (kind == null || rest.indexOf('/') != rest.lastIndexOf('/')) {
      Answers.error(response, 404, "invalid path");
      return;
    }
    Long from = id(rest.substring(kind.segment().length() + 1));
    if (from == null) {
      Answers.error(response, 404, "invalid from");
      return;
    }
    stream(request, kind, from);
  }

  private void stream(HttpServerRequest request, StreamKind kind, long from) {
    HttpServerResponse response = request.response();
    if (environment.receiver().isRemoved(from)) {
      logRejected("rejected stream from remote peer because it was removed", from);
      Answers.error(response, 410, "removed member");
      return;
    }
    Peer peer = members.peer(from);
    if (peer == null) {
      // Either it is of another cluster, or it joined while we were away.
      addRemote(request, from);
      logRejected("failed to find remote peer in cluster", from);
      Answers.error(response, 404, "error sender not found");
      return;
    }
    String to = request.getHeader(PeerHeaders.RAFT_TO);
    if (!environment.headers().localId().equals(to)) {
      logRejected("ignored streaming request; ID mismatch", from);
      Answers.error(response, 412, "to field mismatch");
      return;
    }
    members.sawOwnVersion(from, request.getHeader(PeerHeaders.OWN_VERSION));
    StreamWriter writer = new StreamWriter(kind, environment, loop(), request, peer);
    writer.open();
    peer.attach(writer);
  }

  private void logRejected(String text, long from) {
    environment
        .log()
        .warn(
            text,
            "local-member-id",
            environment.headers().localId(),
            "remote-peer-id-stream-handler",
            environment.headers().localId(),
            "remote-peer-id-from",
            PeerHeaders.hex(from),
            "cluster-id",
            environment.headers().clusterId());
  }

  private void message(HttpServerRequest request) {
    if (!admitPost(request)) {
      return;
    }
    Buffer body = Buffer.buffer();
    request.exceptionHandler(unused -> failed(request));
    request.handler(
        piece -> {
          if (request.response().ended()) {
            return;
          }
          if (body.length() + (long) piece.length() > MAX_BODY_BYTES) {
            failed(request);
            Answers.error(request.response(), 400, "error reading raft message");
          } else {
            body.appendBuffer(piece);
          }
        });
    request.endHandler(
        unused -> {
          if (!request.response().ended()) {
            message(request, body.getBytes());
          }
        });
  }

  private void message(HttpServerRequest request, byte[] body) {
    Message message;
    try {
      ByteCollector bytes = new ByteCollector();
      bytes.add(body);
      message =
          RaftMessages.parse(Message.parser(), Objects.requireNonNull(bytes.take(body.length)));
    } catch (BadStreamException e) {
      environment
          .log()
          .warn(
              "failed to unmarshal Raft message",
              "local-member-id",
              environment.headers().localId(),
              "error",
              e);
      failed(request);
      Answers.error(request.response(), 400, "error unmarshalling raft message");
      return;
    }
    environment.metrics().receivedBytes.with(PeerHeaders.hex(message.getFrom())).add(body.length);
    PeerEnvironment.Refusal refusal = environment.receive(message);
    if (refusal != null) {
      forbid(request.response(), refusal);
    } else {
      request.response().setStatusCode(204).end();
    }
  }

  private void failed(HttpServerRequest request) {
    String who = String.valueOf(request.remoteAddress());
    environment.metrics().receivedFailures.with(who).increment();
  }

  private void snapshot(HttpServerRequest request) {
    if (admitPost(request)) {
      new SnapshotReception(environment, snapshots, request, loop()).start();
    }
  }

  private boolean admitPost(HttpServerRequest request) {
    if (!Answers.allow(request, HttpMethod.POST)) {
      return false;
    }
    putHeaders(request.response());
    if (!admit(request)) {
      return false;
    }
    String sender = request.getHeader(PeerHeaders.FROM);
    Long from = sender == null ? null : id(sender);
    if (from != null) {
      addRemote(request, from);
      members.sawOwnVersion(from, request.getHeader(PeerHeaders.OWN_VERSION));
    }
    return true;
  }

  private void addRemote(HttpServerRequest request, long from) {
    String urls = request.getHeader(PeerHeaders.PEER_URLS);
    if (urls != null && !urls.isEmpty()) {
      members.addRemote(from, List.of(urls.split(",", -1)));
    }
  }

  static void forbid(HttpServerResponse response, PeerEnvironment.Refusal refusal) {
    response.setStatusCode(403).putHeader(GoHeaders.CONTENT_TYPE, "application/json");
    GoHeaders.end(response, "{\"message\":\"" + refusal + "\"}");
  }

  private static @Nullable Long id(String hex) {
    try {
      return Long.parseUnsignedLong(hex, 16);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static Context loop() {
    return Objects.requireNonNull(Vertx.currentContext(), "not on a loop");
  }
}
