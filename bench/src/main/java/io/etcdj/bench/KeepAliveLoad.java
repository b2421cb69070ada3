package io.etcdj.bench;

import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.etcdserverpb.LeaseGrantRequest;
import io.etcdj.api.etcdserverpb.LeaseGrantResponse;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveRequest;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.bench.h2.Connection;
import io.etcdj.bench.h2.Method;
import io.etcdj.bench.h2.StreamCall;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Keep-alives: each client has a lease and a stream; the leases expire by themselves afterwards.
 */
final class KeepAliveLoad extends Workload {
  private static final int TTL_SECONDS = 120;

  private final List<Connection> connections;
  private final long clients;
  private final Series series = newSeries("keep-alive");
  private final CompletableFuture<Void> prepared = new CompletableFuture<>();
  private int granted;

  KeepAliveLoad(LoadOptions options, EventLoop loop, List<Connection> connections, int part) {
    super(options, loop);
    this.connections = connections;
    this.clients = LoadOptions.share(options.clients(), part, options.eventLoops());
  }

  @Override
  CompletableFuture<Void> prepare() {
    byte[] request = LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build().toByteArray();
    for (int i = 0; i < clients; i++) {
      Connection connection = connections.get(i % connections.size());
      connection.start(Method.LEASE_GRANT, request, true, new Grant(connection));
    }
    return prepared;
  }

  private final class Grant extends StreamCall {
    private final Connection connection;
    private long leaseId;

    Grant(Connection connection) {
      this.connection = connection;
    }

    @Override
    protected void onMessage(ByteBuf message) {
      try {
        leaseId = LeaseGrantResponse.parseFrom(message.nioBuffer()).getID();
      } catch (InvalidProtocolBufferException e) {
        prepared.completeExceptionally(e);
      }
    }

    @Override
    protected void onEnd(@Nullable String error) {
      if (error != null) {
        prepared.completeExceptionally(new IllegalStateException("lease grant: " + error));
        return;
      }
      pacer.add(new KeepAliveClient(connection, leaseId));
      if (++granted == clients) {
        prepared.complete(null);
      }
    }
  }

  private final class KeepAliveClient extends StreamCall implements Pacer.Client {
    private final Connection connection;
    private final byte[] request;
    private boolean started;
    private boolean waiting;
    private long startNanos;

    KeepAliveClient(Connection connection, long leaseId) {
      this.connection = connection;
      this.request = LeaseKeepAliveRequest.newBuilder().setID(leaseId).build().toByteArray();
    }

    @Override
    public void begin(long startNanos, long index) {
      this.startNanos = startNanos;
      waiting = true;
      if (started) {
        connection.send(this, request, false);
      } else {
        started = true;
        connection.start(Method.LEASE_KEEP_ALIVE, request, false, this);
      }
    }

    @Override
    protected void onMessage(ByteBuf message) {
      long now = System.nanoTime();
      try {
        if (LeaseKeepAliveResponse.parseFrom(message.nioBuffer()).getTTL() > 0) {
          series.record(now - startNanos);
        } else {
          error("lease is gone");
        }
      } catch (InvalidProtocolBufferException e) {
        error("unreadable answer: " + e.getMessage());
      }
      waiting = false;
      pacer.finished(this, true);
    }

    @Override
    protected void onEnd(@Nullable String error) {
      error(error == null ? "stream ended by the server" : error);
      started = false;
      if (waiting) {
        waiting = false;
        pacer.finished(this, connection.isOpen());
      }
    }
  }
}
