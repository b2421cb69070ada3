package io.etcdj.server.peer;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.etcdj.api.raftpb.Message;
import io.etcdj.server.front.Listeners;
import io.etcdj.server.front.http.HttpFront;
import io.etcdj.server.front.http.Routes;
import io.etcdj.server.log.Level;
import io.etcdj.server.log.Log;
import io.etcdj.server.log.LogFormat;
import io.etcdj.server.metrics.MetricRegistry;
import io.etcdj.storage.disk.FileDisk;
import io.etcdj.storage.snap.SnapFiles;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A transport with a listener on a port and a member that only notes what it is told. */
final class TestMember implements AutoCloseable {
  static final long CLUSTER = 0xc1;

  final long id;
  final PeerTransport transport;
  final MetricRegistry metrics = new MetricRegistry();
  final BlockingQueue<Message> received = new LinkedBlockingQueue<>();
  final BlockingQueue<Long> unreachable = new LinkedBlockingQueue<>();
  final BlockingQueue<Boolean> snapshots = new LinkedBlockingQueue<>();
  final Set<Long> removed = ConcurrentHashMap.newKeySet();
  final AtomicInteger removedHere = new AtomicInteger();
  volatile Consumer<Message> onReceive = received::add;

  final Vertx vertx = Listeners.vertx(1);
  private final ExecutorService workers = Executors.newFixedThreadPool(4);
  private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
  private final Log log = Log.to(logged, Level.DEBUG, LogFormat.JSON, Clock.systemUTC());
  private final int port;

  TestMember(long id, Path directory) {
    this(id, CLUSTER, 0, directory);
  }

  /** On a given port, or 0 for a free one. */
  TestMember(long id, long cluster, int wantedPort, Path directory) {
    this.id = id;
    // The address is known only once it listens, and the transport tells it to others.
    Routes routes = new Routes();
    Server first = new Server(routes, wantedPort);
    await(vertx.deployVerticle(first));
    port = first.port();
    transport =
        new PeerTransport(
            vertx,
            new PeerIdentity(id, cluster, List.of(url())),
            new PeerTiming(100, 10),
            null,
            (database, index) ->
                keep(database, new SnapFiles(new FileDisk(), directory, w -> {}), index),
            new Receiver(),
            workers,
            metrics,
            log);
    transport.addRoutes(routes);
  }

  private static void keep(InputStream database, SnapFiles files, long index) throws IOException {
    try (SnapFiles.Incoming file = files.receiveDatabase()) {
      byte[] piece = new byte[100_000];
      for (int n = database.read(piece); n >= 0; n = database.read(piece)) {
        file.write(ByteBuffer.wrap(piece, 0, n));
      }
      file.keep(index);
    }
  }

  private final class Receiver implements PeerReceiver {
    @Override
    public void receive(List<Message> messages) {
      messages.forEach(onReceive);
    }

    @Override
    public void unreachable(long memberId) {
      unreachable.add(memberId);
    }

    @Override
    public void snapshotDone(long memberId, boolean ok) {
      snapshots.add(ok);
    }

    @Override
    public boolean isRemoved(long memberId) {
      return removed.contains(memberId);
    }

    @Override
    public void removedHere() {
      removedHere.incrementAndGet();
    }
  }

  private static final class Server extends VerticleBase {
    private final Routes routes;
    private final int wantedPort;
    private volatile int port;

    Server(Routes routes, int wantedPort) {
      this.routes = routes;
      this.wantedPort = wantedPort;
    }

    @Override
    public Future<?> start() {
      return vertx
          .createHttpServer()
          .requestHandler(request -> HttpFront.route(routes, request))
          .listen(wantedPort, "127.0.0.1")
          .onSuccess(server -> port = server.actualPort());
    }

    int port() {
      return port;
    }
  }

  int port() {
    return port;
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  void knows(TestMember... others) {
    for (TestMember other : others) {
      transport.addPeer(other.id, List.of(other.url()));
    }
  }

  /** Whether both streams that the other one opens to this one are there. */
  boolean hasStreamsTo(TestMember other) {
    String to = "\"remote-peer-id\":\"" + Long.toHexString(other.id) + '"';
    return logCount(
            "established TCP streaming connection with remote peer", "stream-writer-type", to)
        >= 2;
  }

  long logCount(String... parts) {
    log.flush();
    return logged
        .toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> List.of(parts).stream().allMatch(line::contains))
        .count();
  }

  String log() {
    log.flush();
    return logged.toString(StandardCharsets.UTF_8);
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  static void eventually(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("never came true: " + what);
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public void close() {
    transport.close();
    await(vertx.close());
    workers.shutdown();
  }
}
