package io.etcdj.proof.cluster;

import io.etcdj.api.etcdserverpb.StatusRequest;
import io.etcdj.api.etcdserverpb.StatusResponse;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.ServerProcess;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A member of a cluster, whether or not its process runs. */
public final class Member implements AutoCloseable {
  private static final Duration ASKING = Duration.ofMillis(700);
  private static final Duration STARTING = Duration.ofSeconds(60);
  private static final Duration STOPPING = Duration.ofSeconds(30);
  private static final String READY = "ready to serve client requests";

  private final String name;
  private final Make make;
  private final ServerProcess.Settings settings;
  private final String peerUrl;
  private final GrpcClient control;
  private volatile @Nullable ServerProcess process;
  private volatile boolean paused;

  Member(String name, Make make, ServerProcess.Settings settings, String peerUrl) {
    this.name = name;
    this.make = make;
    this.settings = settings;
    this.peerUrl = peerUrl;
    this.control = new GrpcClient(settings.clientPort());
  }

  public String name() {
    return name;
  }

  public Make make() {
    return make;
  }

  /** What it advertises to the others. */
  public String peerUrl() {
    return peerUrl;
  }

  public int clientPort() {
    return settings.clientPort();
  }

  /** How it is started. */
  public ServerProcess.Settings settings() {
    return settings;
  }

  /** A connection for the harness itself, not for load. */
  public GrpcClient control() {
    return control;
  }

  /** Whether there is a process, be it paused. */
  public boolean isUp() {
    ServerProcess now = process;
    return now != null && now.isAlive();
  }

  /** Whether it runs and is not paused. */
  public boolean isRunning() {
    return isUp() && !paused;
  }

  /** Its process, which must have been started. */
  public ServerProcess process() {
    ServerProcess now = process;
    if (now == null) {
      throw new IllegalStateException(name + " was never started");
    }
    return now;
  }

  /**
   * Starts it on whatever data it has; does not wait.
   *
   * @param flags for this time only
   */
  public void launch(String... flags) {
    if (isUp()) {
      throw new IllegalStateException(name + " runs already");
    }
    process = ServerProcess.launch(settings.withFlags(flags));
    paused = false;
    control.channel().resetConnectBackoff();
  }

  /** Waits until it serves. */
  public void awaitReady() {
    process().awaitLog(READY, STARTING);
  }

  /** SIGKILL. */
  public void kill() {
    process().kill();
    paused = false;
  }

  /** SIGTERM, and waits. */
  public void stop() {
    process().terminate();
    process().awaitExit(STOPPING);
  }

  /** SIGSTOP. */
  public void pause() {
    paused = true;
    process().pause();
  }

  /** SIGCONT. */
  public void resume() {
    process().resume();
    paused = false;
  }

  /** What it says of itself, if it answers soon. */
  public Optional<StatusResponse> status() {
    if (!isRunning()) {
      return Optional.empty();
    }
    try {
      control.channel().resetConnectBackoff();
      return Optional.of(
          control.call(GrpcClient.STATUS, StatusRequest.getDefaultInstance(), ASKING));
    } catch (StatusRuntimeException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    ServerProcess now = process;
    if (now != null) {
      now.close();
    }
    control.close();
  }

  @Override
  public String toString() {
    return name;
  }
}
