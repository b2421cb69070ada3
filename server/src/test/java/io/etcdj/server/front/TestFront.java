package io.etcdj.server.front;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.etcdj.server.front.http.HealthEndpoints;
import io.etcdj.server.front.http.HealthSource;
import io.etcdj.server.front.http.InfoEndpoints;
import io.etcdj.server.front.http.Routes;
import io.etcdj.server.front.http.VersionSource;
import io.etcdj.server.front.rpc.RpcMetrics;
import io.etcdj.server.front.rpc.RpcTable;
import io.etcdj.server.metrics.MetricRegistry;
import io.etcdj.server.tls.Rejection;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A front on free ports with fake services behind it. */
final class TestFront implements AutoCloseable {
  /** Kept, because the JDK forgets the level of a logger that nobody holds. */
  private static final List<Logger> QUIET =
      List.of(Logger.getLogger("io.etcdj.server.front"), Logger.getLogger("io.netty"));

  static {
    QUIET.forEach(logger -> logger.setLevel(Level.OFF)); // tests provoke what would be logged
  }

  final FakeServices services = new FakeServices();
  final MetricRegistry registry = new MetricRegistry();
  final FakeHealth health = new FakeHealth();

  /** Connections that ended in their handshake. */
  final BlockingQueue<Rejection> rejections = new LinkedBlockingQueue<>();

  private final Vertx vertx = Listeners.vertx(2);
  private final Listeners listeners;

  TestFront() {
    this(FrontOptions.defaults());
  }

  TestFront(FrontOptions options) {
    this(options, anyPort(Listener.Role.EVERYTHING));
  }

  TestFront(FrontOptions options, Listener... where) {
    Routes routes = new Routes();
    Routes monitoring = new Routes();
    HealthEndpoints healthEndpoints = new HealthEndpoints(health, registry);
    healthEndpoints.addTo(routes);
    healthEndpoints.addTo(monitoring);
    InfoEndpoints info = new InfoEndpoints(registry);
    info.addMetrics(routes);
    info.addMetrics(monitoring);
    info.addVersion(routes, new FakeVersion());
    RpcTable table = new RpcTable(services.rpcs(), new RpcMetrics(registry, true));
    listeners =
        await(
            Listeners.open(
                vertx,
                0,
                2,
                Arrays.asList(where),
                options,
                new FrontContent(table, routes, monitoring),
                rejections::add));
  }

  static Listener anyPort(Listener.Role role) {
    return new Listener(new Listener.Address.Tcp("127.0.0.1", 0), role, null);
  }

  int port() {
    return port(0);
  }

  int port(int index) {
    return ((Listener.Address.Tcp) listeners.addresses().get(index)).port();
  }

  Future<Void> shutdown(Duration grace) {
    return listeners.shutdown(grace);
  }

  @Override
  public void close() {
    services.close();
    await(vertx.close());
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  /** Health that a test sets. */
  static final class FakeHealth implements HealthSource {
    volatile String reason = "";
    volatile String corruption = "";

    @Override
    public CompletionStage<String> health(Set<String> excludedAlarms, boolean serializable) {
      boolean overlooked = excludedAlarms.stream().anyMatch(a -> reason.equals("ALARM " + a));
      return CompletableFuture.completedFuture(overlooked ? "" : reason);
    }

    @Override
    public List<Check> livez() {
      return List.of(new Check("serializable_read", () -> done("")));
    }

    @Override
    public List<Check> readyz() {
      return List.of(
          new Check("data_corruption", () -> done(corruption)),
          // answered by another thread, as a read that asks the cluster will be
          new Check("linearizable_read", () -> CompletableFuture.supplyAsync(() -> "")));
    }

    private static CompletionStage<String> done(String reason) {
      return CompletableFuture.completedFuture(reason);
    }
  }

  private static final class FakeVersion implements VersionSource {
    @Override
    public String server() {
      return "3.7.1";
    }

    @Override
    public String cluster() {
      return "3.7.0";
    }

    @Override
    public String storage() {
      return "3.7.0";
    }
  }
}
