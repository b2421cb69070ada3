package io.etcdj.server.peer;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks a member again and again whether it is there, for the metrics and the log: how long the way
 * is, and whether the clocks agree. Nothing is decided by it. Confined to the peer's loop.
 *
 * <p>etcd has two per peer, one for each kind of connection, and counts both.
 */
final class Prober {
  static final String PATH = "/raft/probing";
  private static final long INTERVAL_MILLIS = 4_000;
  private static final long MONITOR_MILLIS = 30_000;
  private static final long MONITOR_UNHEALTHY_MILLIS = 5_000;
  private static final int MAX_ANSWER_BYTES = 64 * 1024;
  private static final Duration MAX_CLOCK_DRIFT = Duration.ofSeconds(1);

  /** How much a new measurement weighs against all before it. */
  private static final double WEIGHT = 0.125;

  private final String name;
  private final Peer peer;
  private final PeerEnvironment environment;
  private final Context loop;
  private final Clock clock = Clock.systemUTC();

  private long probeTimer;
  private long monitorTimer;
  private boolean stopped;
  private boolean asking;

  /** Smoothed; 0 before the first answer. */
  private double roundTripNanos;

  private Duration drift = Duration.ZERO;
  private @Nullable String failure;

  Prober(String name, Peer peer, PeerEnvironment environment, Context loop) {
    this.name = name;
    this.peer = peer;
    this.environment = environment;
    this.loop = loop;
  }

  void start() {
    loop.runOnContext(
        unused -> {
          if (!stopped) {
            probeTimer = environment.vertx().setPeriodic(INTERVAL_MILLIS, t -> probe());
            monitorLater(MONITOR_MILLIS);
          }
        });
  }

  void stop() {
    loop.runOnContext(
        unused -> {
          stopped = true;
          environment.vertx().cancelTimer(probeTimer);
          environment.vertx().cancelTimer(monitorTimer);
        });
  }

  private void probe() {
    if (asking) {
      return;
    }
    asking = true;
    long began = System.nanoTime();
    environment
        .client()
        .call(
            HttpMethod.GET,
            peer.urls().pick(),
            PATH,
            Map.of(),
            Buffer.buffer(),
            INTERVAL_MILLIS,
            MAX_ANSWER_BYTES)
        .onComplete(
            answered -> {
              asking = false;
              failure =
                  answered.failed()
                      ? PeerEnvironment.reason(answered.cause())
                      : record(System.nanoTime() - began, answered.result());
            });
  }

  private @Nullable String record(long nanos, PeerClient.Answer answer) {
    try {
      JsonObject health = new JsonObject(Buffer.buffer(answer.body()));
      drift =
          Duration.between(
                  OffsetDateTime.parse(health.getString("Now", "")), OffsetDateTime.now(clock))
              .abs();
    } catch (DecodeException | ClassCastException | DateTimeException e) {
      return "unexpected answer to a probe: " + e.getMessage();
    }
    roundTripNanos = roundTripNanos == 0 ? nanos : (1 - WEIGHT) * roundTripNanos + WEIGHT * nanos;
    return null;
  }

  private void monitorLater(long millis) {
    monitorTimer = environment.vertx().setTimer(millis, unused -> monitor());
  }

  private void monitor() {
    Duration rtt = Duration.ofNanos((long) roundTripNanos);
    boolean healthy = failure == null;
    if (!healthy) {
      environment
          .log()
          .warn(
              "prober detected unhealthy status",
              "round-tripper-name",
              name,
              "remote-peer-id",
              peer.hex(),
              "rtt",
              rtt,
              "error",
              String.valueOf(failure));
    }
    if (drift.compareTo(MAX_CLOCK_DRIFT) > 0) {
      environment
          .log()
          .warn(
              "prober found high clock drift",
              "round-tripper-name",
              name,
              "remote-peer-id",
              peer.hex(),
              "clock-drift",
              drift,
              "rtt",
              rtt);
    }
    environment
        .metrics()
        .roundTrip
        .with(peer.hex())
        .observe(roundTripNanos / TimeUnit.SECONDS.toNanos(1));
    monitorLater(healthy ? MONITOR_MILLIS : MONITOR_UNHEALTHY_MILLIS);
  }
}
