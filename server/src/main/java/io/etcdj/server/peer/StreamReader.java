package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import io.etcdj.server.config.Version;
import io.etcdj.server.text.EtcdUrl;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The receiving end of one stream: dials the other member, and dials again whenever the stream is
 * lost, until it is stopped.
 *
 * <p>Confined to the peer's loop, but for {@link #start} and {@link #stop}.
 */
final class StreamReader {
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long READ_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long CHECK_MILLIS = 500;
  private static final int MAX_ERROR_BYTES = 64 * 1024;

  /** Since 2.1 every release has had both streams. */
  private static final PeerHeaders.Release FIRST_WITH_STREAMS = new PeerHeaders.Release(2, 1);

  private final StreamKind kind;
  private final Peer peer;
  private final PeerEnvironment environment;
  private final Context loop;
  private @Nullable Attempt current;
  private boolean stopped;

  StreamReader(StreamKind kind, Peer peer, PeerEnvironment environment, Context loop) {
    this.kind = kind;
    this.peer = peer;
    this.environment = environment;
    this.loop = loop;
  }

  void start() {
    loop.runOnContext(
        unused -> {
          log("started stream reader with remote peer");
          dial();
        });
  }

  void stop() {
    loop.runOnContext(
        unused -> {
          stopped = true;
          if (current != null) {
            current.end();
          }
          log("stopped stream reader with remote peer");
        });
  }

  private void log(String message) {
    environment
        .log()
        .info(
            message,
            "stream-reader-type",
            kind,
            "local-member-id",
            environment.headers().localId(),
            "remote-peer-id",
            peer.hex());
  }

  private void dial() {
    if (!stopped) {
      current = new Attempt(peer.urls().pick());
      current.connect();
    }
  }

  /** One dial and what comes of it. */
  private final class Attempt {
    private final EtcdUrl url;
    private final long beganNanos = System.nanoTime();
    private final StreamDecoder decoder =
        kind.decoder(environment.headers().self().memberId(), peer.id());
    private final Buffer errorText = Buffer.buffer();

    private @Nullable HttpClientConnection connection;
    private boolean established;
    private boolean over;
    private long timer;
    private long lastSignNanos = beganNanos;
    private long lastCheckNanos = beganNanos;
    private long patienceNanos =
        TimeUnit.MILLISECONDS.toNanos(environment.timing().dialTimeoutMillis());

    Attempt(EtcdUrl url) {
      this.url = url;
    }

    void connect() {
      timer = environment.vertx().setPeriodic(CHECK_MILLIS, unused -> check());
      environment
          .client()
          .connect(url)
          .onComplete(
              connecting -> {
                if (connecting.failed()) {
                  undialled(PeerEnvironment.reason(connecting.cause()));
                } else if (over) {
                  connecting.result().close();
                } else {
                  connected(connecting.result());
                }
              });
    }

    private void check() {
      long now = System.nanoTime();
      if (now - lastCheckNanos > 2 * TimeUnit.MILLISECONDS.toNanos(CHECK_MILLIS)) {
        lastSignNanos = now; // this loop was held up itself, and has yet to read what came
      }
      lastCheckNanos = now;
      if (!over && now - lastSignNanos > patienceNanos) {
        failed("i/o timeout");
      }
    }

    private void connected(HttpClientConnection fresh) {
      connection = fresh;
      lastSignNanos = System.nanoTime();
      patienceNanos = READ_TIMEOUT_NANOS;
      fresh.exceptionHandler(e -> failed(PeerEnvironment.reason(e)));
      fresh.closeHandler(unused -> failed("unexpected EOF"));
      RequestOptions options =
          new RequestOptions()
              .setMethod(HttpMethod.GET)
              .setHost(url.isUnix() ? "localhost" : url.host())
              .setURI(kind.path(environment.headers().localId()))
              .setFollowRedirects(false)
              .putHeader(PeerHeaders.RAFT_TO, peer.hex());
      if (url.port() != 0) {
        options.setPort(url.port());
      }
      for (Map.Entry<String, String> header : environment.headers().ofRequest().entrySet()) {
        options.putHeader(header.getKey(), header.getValue());
      }
      fresh
          .request(options)
          .compose(HttpClientRequest::send)
          .onComplete(
              answered -> {
                if (over) {
                  return;
                }
                if (answered.failed()) {
                  undialled(PeerEnvironment.reason(answered.cause()));
                } else {
                  answered(answered.result());
                }
              });
    }

    private void answered(HttpClientResponse response) {
      lastSignNanos = System.nanoTime();
      response.exceptionHandler(e -> failed("unexpected EOF"));
      PeerHeaders.Release remote;
      try {
        remote = PeerHeaders.version(response.getHeader(PeerHeaders.VERSION));
      } catch (IllegalArgumentException e) {
        undialled(PeerEnvironment.reason(e));
        return;
      }
      if (remote.compareTo(PeerHeaders.Release.of(Version.ETCD)) < 0
          && remote.compareTo(FIRST_WITH_STREAMS) < 0) {
        peer.urls().unreachable(url);
        end(); // nothing failed: it does not know the stream
        return;
      }
      switch (response.statusCode()) {
        case 200 -> established(response);
        case 404 ->
            undialled(
                "peer "
                    + peer.hex()
                    + " failed to find local node "
                    + environment.headers().localId());
        case 410 -> {
          undialled("the member has been permanently removed from the cluster");
          environment.removedHere();
        }
        case 412 -> {
          response.handler(
              piece -> {
                if (errorText.length() + piece.length() <= MAX_ERROR_BYTES) {
                  errorText.appendBuffer(piece);
                }
              });
          response.endHandler(unused -> refused(response));
        }
        default -> undialled("unhandled http status " + response.statusCode());
      }
    }

    private void refused(HttpClientResponse response) {
      if (over) {
        return;
      }
      String text = errorText.toString().stripTrailing();
      peer.logRefusal(text, response.getHeader(PeerHeaders.CLUSTER_ID));
      boolean known =
          text.equals(PeerHeaders.INCOMPATIBLE_VERSION)
              || text.equals(PeerHeaders.CLUSTER_ID_MISMATCH);
      undialled(known ? text : "unhandled error \"" + text + "\" when precondition failed");
    }

    private void established(HttpClientResponse response) {
      established = true;
      peer.sawOwnVersion(response.getHeader(PeerHeaders.OWN_VERSION));
      peer.status().succeeded();
      log("established TCP streaming connection with remote peer");
      response.handler(this::read);
      response.endHandler(
          unused -> {
            if (!over) {
              lost("EOF");
              end();
            }
          });
    }

    private void read(Buffer chunk) {
      if (over) {
        return;
      }
      lastSignNanos = System.nanoTime();
      peer.received(chunk.length());
      List<Message> messages = new ArrayList<>();
      String fault = null;
      try {
        decoder.feed(chunk.getBytes(), messages::add);
      } catch (BadStreamException e) {
        fault = PeerEnvironment.reason(e);
      }
      received(messages);
      if (fault != null) {
        failed(fault);
      }
    }

    private void received(List<Message> messages) {
      messages.removeIf(RaftMessages::isLinkHeartbeat);
      for (Message message : messages) {
        if (message.getEntriesCount() > 0) {
          peer.awaitsAnswer();
        }
      }
      environment.receive(messages);
    }

    /** The connection broke, before or after the stream was there. */
    private void failed(String why) {
      if (over) {
        return;
      }
      if (established) {
        lost(why);
        peer.status().failed("read", kind.toString(), why);
        end();
      } else {
        undialled(why);
      }
    }

    private void undialled(String why) {
      if (over) {
        return;
      }
      peer.urls().unreachable(url);
      peer.status().failed("dial", kind.toString(), why);
      end();
    }

    private void lost(String why) {
      environment
          .log()
          .warn(
              "lost TCP streaming connection with remote peer",
              "stream-reader-type",
              kind,
              "local-member-id",
              environment.headers().localId(),
              "remote-peer-id",
              peer.hex(),
              "error",
              why);
    }

    void end() {
      if (over) {
        return;
      }
      over = true;
      environment.vertx().cancelTimer(timer);
      if (connection != null) {
        connection.close();
      }
      long waited = System.nanoTime() - beganNanos;
      long waitMillis = TimeUnit.NANOSECONDS.toMillis(RETRY_NANOS - waited);
      environment.vertx().setTimer(Math.max(1, waitMillis), unused -> dial());
    }
  }
}
