package io.etcdj.proof.hard;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.ServerProcess;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What must hold after everything that is done to a server here. */
final class Liveness {
  private static final long LIMIT_MILLIS = 1_000;

  private Liveness() {}

  /**
   * A put and a get are answered within a second together, on a connection that is opened before:
   * what is measured is the server, not how fast a client starts.
   */
  static void assertServes(ServerProcess server) {
    try (GrpcClient client = new GrpcClient(server.clientPort())) {
      client.get("liveness"); // connects
      long bestMillis = Long.MAX_VALUE;
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      // The machine may be busy with others for a moment; a server that is stuck stays so.
      while (bestMillis >= LIMIT_MILLIS && System.nanoTime() - deadline < 0) {
        long startNanos = System.nanoTime();
        String value = Long.toString(startNanos);
        client.put("liveness", value);
        assertThat(client.get("liveness").getKvs(0).getValue().toStringUtf8()).isEqualTo(value);
        bestMillis =
            Math.min(bestMillis, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
      }
      assertThat(bestMillis).as("milliseconds of a put and a get").isLessThan(LIMIT_MILLIS);
    }
    assertThat(server.isAlive()).isTrue();
  }

  /** Looks again and again until it is so; fails with the description when it takes too long. */
  static void await(long seconds, BooleanSupplier holds, Supplier<String> description) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within " + seconds + " s: " + description.get());
      }
      pause(10);
    }
  }

  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
