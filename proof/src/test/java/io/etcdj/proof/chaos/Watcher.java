package io.etcdj.proof.chaos;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import io.etcdj.api.etcdserverpb.WatchRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.cluster.Cluster;
import io.etcdj.proof.cluster.Member;
import io.etcdj.proof.history.Event;
import io.etcdj.proof.history.WatchLog;
import io.etcdj.proof.history.WatchLog.Item;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Random;
import java.util.function.LongUnaryOperator;

/**
 * Watches the whole key space, over any number of connections, each going on where the last one
 * broke off; at a member of its own as long as that is up, else at any.
 */
final class Watcher implements Runnable {
  private static final Metadata.Key<String> HAS_LEADER =
      Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);
  private static final long PAUSE_MILLIS = 100;

  private final int number;
  private final Cluster cluster;
  private final WatchLog log;
  private final boolean needsLeader;
  private final LongUnaryOperator resume;
  private final Random random;

  /** Counts connections: what arrives of an earlier one is too late. */
  private int connection;

  private boolean broken;
  private boolean stopped;

  /**
   * @param needsLeader whether the member is to break off when it has no leader
   * @param resume from the revision where it should go on to the one where it does; the identity,
   *     except to see that it is noticed
   */
  Watcher(int number, Cluster cluster, boolean needsLeader, LongUnaryOperator resume, long seed) {
    this.number = number;
    this.cluster = cluster;
    this.log = new WatchLog("watcher " + number, 1);
    this.needsLeader = needsLeader;
    this.resume = resume;
    this.random = new Random(seed * 1_000 + number);
  }

  WatchLog log() {
    return log;
  }

  synchronized int connections() {
    return connection;
  }

  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  /** Gives the connection up, to make another. */
  synchronized void breakOff() {
    broken = true;
    notifyAll();
  }

  @Override
  public void run() {
    try {
      while (watchOnce()) {
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Watches until the connection breaks; false when it was stopped. */
  private boolean watchOnce() throws InterruptedException {
    try (GrpcClient client = new GrpcClient(pick().clientPort())) {
      synchronized (this) {
        if (stopped) {
          return false;
        }
        connection++;
        broken = false;
        log.add(new Item.Asked(log.next()));
        long from = connection == 1 ? log.next() : resume.applyAsLong(log.next());
        open(client, from, connection);
        while (!broken && !stopped) {
          wait();
        }
        return !stopped;
      }
    }
  }

  private Member pick() {
    List<Member> members = cluster.members();
    Member own = members.get(number % members.size());
    return own.isUp() && random.nextInt(4) > 0 ? own : members.get(random.nextInt(members.size()));
  }

  private void open(GrpcClient client, long from, int generation) {
    ClientCall<WatchRequest, WatchResponse> call =
        client.channel().newCall(GrpcClient.WATCH, CallOptions.DEFAULT);
    StreamObserver<WatchRequest> requests =
        ClientCalls.asyncBidiStreamingCall(
            needsLeader ? withLeader(call) : call,
            new StreamObserver<>() {
              @Override
              public void onNext(WatchResponse response) {
                take(response, generation);
              }

              @Override
              public void onError(Throwable failure) {
                lose(generation);
              }

              @Override
              public void onCompleted() {
                lose(generation);
              }
            });
    requests.onNext(
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder()
                    .setKey(ByteString.copyFrom(new byte[1]))
                    .setRangeEnd(ByteString.copyFrom(new byte[1]))
                    .setStartRevision(from))
            .build());
  }

  private static <Q, R> ClientCall<Q, R> withLeader(ClientCall<Q, R> call) {
    return new SimpleForwardingClientCall<>(call) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        headers.put(HAS_LEADER, "true");
        super.start(listener, headers);
      }
    };
  }

  private synchronized void take(WatchResponse response, int generation) {
    if (generation != connection || broken) {
      return;
    }
    if (response.getCanceled()) {
      if (response.getCompactRevision() > 0) {
        log.add(new Item.Compacted(response.getCompactRevision()));
      }
      lose(generation);
    } else if (response.getEventsCount() > 0) {
      log.add(
          new Item.Told(
              System.nanoTime(),
              response.getHeader().getRevision(),
              response.getEventsList().stream().map(Watcher::event).toList()));
    } else if (!response.getCreated()) {
      log.add(new Item.Progress(response.getHeader().getRevision()));
    }
  }

  private static Event event(io.etcdj.api.mvccpb.Event event) {
    return event.getType() == io.etcdj.api.mvccpb.Event.EventType.DELETE
        ? new Event(
            event.getKv().getKey().toStringUtf8(), event.getKv().getModRevision(), null, 0, 0)
        : new Event(
            event.getKv().getKey().toStringUtf8(),
            event.getKv().getModRevision(),
            event.getKv().getValue().toStringUtf8(),
            event.getKv().getCreateRevision(),
            event.getKv().getVersion());
  }

  private synchronized void lose(int generation) {
    if (generation == connection) {
      broken = true;
      notifyAll();
    }
  }
}
