package io.etcdj.server.v2;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import io.etcdj.api.etcdserverpb.Request;
import io.etcdj.server.front.http.Bodies;
import io.etcdj.server.front.vertx.GoHeaders;
import io.etcdj.state.apply.Applied;
import io.etcdj.state.v2.Event;
import io.etcdj.state.v2.Outcome;
import io.etcdj.state.v2.V2Error;
import io.etcdj.state.v2.V2Exception;
import io.etcdj.state.v2.V2Store;
import io.etcdj.state.v2.V2Watch;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code /v2/keys}. Shared by all loops. */
final class Keys {
  static final String PATH = "/v2/keys";

  private static final List<String> METHODS = List.of("HEAD", "GET", "PUT", "POST", "DELETE");
  private static final String FORM = "application/x-www-form-urlencoded";

  /** As Go's servers read of a form. */
  private static final int MAX_FORM_BYTES = 10 << 20;

  private final String clusterId;
  private final V2Store store;
  private final Way log;
  private final RaftPlace place;
  private final Executor workers;
  private final LongSupplier unixNanos;

  /** The way through the log. */
  @FunctionalInterface
  interface Way {
    /**
     * Proposes a request; the result comes on a thread that must not be held up.
     *
     * @throws EtcdException when it is refused at once
     */
    void propose(Request.Builder request, Consumer<Applied> result);
  }

  /** Where the agreement is. */
  interface RaftPlace {
    long committed();

    long term();
  }

  Keys(
      String clusterId,
      V2Store store,
      Way log,
      RaftPlace place,
      Executor workers,
      LongSupplier unixNanos) {
    this.clusterId = clusterId;
    this.store = store;
    this.log = log;
    this.place = place;
    this.workers = workers;
    this.unixNanos = unixNanos;
  }

  void handle(HttpServerRequest request) {
    if (!V2Answers.allow(request, METHODS)) {
      return;
    }
    String method = request.method().name();
    String path = Objects.requireNonNull(request.path());
    request.response().putHeader(V2Answers.CLUSTER_ID, clusterId);
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    boolean form =
        (method.equals("PUT") || method.equals("POST"))
            && type != null
            && type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(FORM);
    Bodies.read(
        request,
        MAX_FORM_BYTES,
        body -> handle(request, method, path, form ? body.toString(UTF_8) : ""),
        () -> {
          V2Exception tooLarge = V2Error.INVALID_FORM.at(0, "http: POST too large");
          finish(request.response(), Outcome.refused(tooLarge), false);
        });
  }

  private void handle(HttpServerRequest request, String method, String path, String body) {
    HttpServerResponse response = request.response();
    try {
      Form form = new Form();
      String decoded = Form.decode(path, false);
      String clean = StorePaths.clean(decoded);
      if (!clean.equals(decoded)) {
        V2Answers.moved(request, StorePaths.escape(clean));
        return;
      }
      form.add(body);
      form.add(request.query() == null ? "" : request.query());
      String below = StorePaths.withoutSlash(decoded.substring(PATH.length()));
      KeyRequest asked = KeyRequest.of(method, KeyJson.PREFIX + below, form, unixNanos.getAsLong());
      answer(request, asked);
    } catch (V2Exception refusal) {
      finish(response, Outcome.refused(refusal), false);
    } catch (EtcdException refusal) {
      finish(response, Outcome.refused(refused(refusal)), false);
    }
  }

  private void answer(HttpServerRequest request, KeyRequest asked) {
    Request.Builder wanted = asked.request();
    HttpServerResponse response = request.response();
    boolean reads = wanted.getMethod().equals("GET") || wanted.getMethod().equals("HEAD");
    if (wanted.getMethod().equals("GET") && wanted.getQuorum()) {
      wanted.setMethod("QGET");
      reads = false;
    }
    if (!reads) {
      Context context = Objects.requireNonNull(Vertx.currentContext());
      log.propose(
          wanted, applied -> context.runOnContext(now -> finish(response, applied, asked.brief())));
    } else if (wanted.getWait()) {
      new Poll(response, wanted.getStream()).start(wanted);
    } else {
      Supplier<Outcome> read = () -> store.read(wanted.getPath(), wanted.getRecursive());
      if (store.isDirectory(wanted.getPath())) {
        finishAside(response, read, asked.brief());
      } else {
        finish(response, read.get(), asked.brief());
      }
    }
  }

  private void finish(HttpServerResponse response, Applied applied, boolean brief) {
    EtcdException refusal = applied.refusal();
    if (refusal != null) {
      finish(response, Outcome.refused(refused(refusal)), brief);
    } else {
      finish(response, Objects.requireNonNull(applied.v2()), brief);
    }
  }

  private void finish(HttpServerResponse response, Outcome outcome, boolean brief) {
    Event event = outcome.event();
    if (event != null && !event.node().nodes().isEmpty()) {
      finishAside(response, () -> outcome, brief);
    } else {
      send(response, outcome, text(outcome, brief));
    }
  }

  /** What may be a whole tree is read and written down by a worker. */
  private void finishAside(HttpServerResponse response, Supplier<Outcome> read, boolean brief) {
    Context context = Objects.requireNonNull(Vertx.currentContext());
    try {
      workers.execute(
          () -> {
            Outcome outcome = read.get();
            String text = text(outcome, brief);
            context.runOnContext(now -> send(response, outcome, text));
          });
    } catch (RejectedExecutionException e) {
      finish(response, Outcome.refused(refused(EtcdError.STOPPED.exception())), brief);
    }
  }

  private String text(Outcome outcome, boolean brief) {
    V2Exception refusal = outcome.refusal();
    return refusal != null
        ? KeyJson.refusal(refusal)
        : KeyJson.event(Objects.requireNonNull(outcome.event()), brief, unixNanos.getAsLong());
  }

  private void send(HttpServerResponse response, Outcome outcome, String text) {
    if (response.closed() || response.ended()) {
      return;
    }
    Event event = outcome.event();
    V2Exception refusal = outcome.refusal();
    if (refusal != null) {
      response
          .setStatusCode(refusal.error().httpStatus())
          .putHeader(GoHeaders.CONTENT_TYPE, V2Answers.JSON)
          .putHeader(V2Answers.INDEX, Long.toString(refusal.index()));
    } else {
      place(response, outcome.index());
      if (event != null && event.isCreation()) {
        response.setStatusCode(201);
      }
    }
    GoHeaders.end(response, text);
  }

  /** Here etcd does not tell what was never proposed from what was lost. */
  private static V2Exception refused(EtcdException refusal) {
    boolean late = refusal.code() == GrpcCode.DEADLINE_EXCEEDED;
    return V2Error.RAFT_INTERNAL.at(0, late ? EtcdError.TIMEOUT.message() : refusal.wireMessage());
  }

  private void place(HttpServerResponse response, long index) {
    response
        .putHeader(GoHeaders.CONTENT_TYPE, V2Answers.JSON)
        .putHeader(V2Answers.INDEX, Long.toString(index))
        .putHeader("X-Raft-Index", Long.toString(place.committed()))
        .putHeader("X-Raft-Term", Long.toString(place.term()));
  }

  /**
   * A long poll: the head of the answer at once, then one event, or one after the other.
   *
   * <p>Events come on the apply thread and are handed to the loop of the response. A client that
   * does not read is cut off once a hundred events wait for it.
   */
  private final class Poll implements V2Watch.Listener {
    private static final int MAX_WAITING = 100;

    private final HttpServerResponse response;
    private final boolean stream;
    private final Context context = Objects.requireNonNull(Vertx.currentContext());
    private final Deque<Event> waiting = new ArrayDeque<>();
    private boolean over;
    private @Nullable V2Watch watch;

    Poll(HttpServerResponse response, boolean stream) {
      this.response = response;
      this.stream = stream;
    }

    void start(Request.Builder wanted) {
      V2Watch begunWatch =
          store.watch(wanted.getPath(), wanted.getRecursive(), stream, wanted.getSince(), this);
      watch = begunWatch;
      response.exceptionHandler(failure -> end());
      response.closeHandler(closed -> end());
      place(response, begunWatch.startIndex());
      response.setChunked(true);
      var unused = response.writeHead();
      response.drainHandler(drained -> write());
      write();
    }

    @Override
    public void happened(Event event) {
      context.runOnContext(now -> take(event));
    }

    @Override
    public void lost() {
      context.runOnContext(now -> finish());
    }

    private void take(Event event) {
      if (over) {
        return;
      }
      waiting.add(event);
      write();
      if (waiting.size() > MAX_WAITING) {
        finish();
      }
    }

    private void write() {
      while (!over && !waiting.isEmpty() && !response.writeQueueFull()) {
        String text = KeyJson.event(waiting.remove(), false, unixNanos.getAsLong());
        if (!stream) {
          end();
          response.end(text);
        } else {
          var unused = response.write(Buffer.buffer(text));
        }
      }
    }

    private void finish() {
      if (!over) {
        end();
        response.end();
      }
    }

    private void end() {
      over = true;
      waiting.clear();
      if (watch != null) {
        store.unwatch(watch);
      }
    }
  }
}
