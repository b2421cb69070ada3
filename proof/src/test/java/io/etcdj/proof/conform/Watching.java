package io.etcdj.proof.conform;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import io.etcdj.api.etcdserverpb.WatchProgressRequest;
import io.etcdj.api.etcdserverpb.WatchRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.proof.GrpcClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A watch stream to one server, and what it told, watcher by watcher.
 *
 * <p>How many events share a response depends on how fast they are asked for, so events are noted
 * one by one; that those of one revision are never torn apart is checked on the way.
 */
final class Watching implements AutoCloseable {
  /** The id of answers that belong to no watcher. */
  private static final long NOBODY = -1;

  private final Stream<WatchRequest, WatchResponse> stream;
  private final Map<Long, List<String>> told = new TreeMap<>();
  private final Map<Long, WatchResponse> last = new TreeMap<>();
  private int events;
  private int parts;

  Watching(Side side) {
    stream = new Stream<>(side.client(), GrpcClient.WATCH);
  }

  void create(WatchCreateRequest request) {
    stream.send(WatchRequest.newBuilder().setCreateRequest(request).build());
    await(1);
  }

  void send(WatchRequest request) {
    stream.send(request);
  }

  /** Takes this many answers that are not events, and what events come before them. */
  void await(int answers) {
    int left = answers;
    while (left > 0) {
      if (!take()) {
        left--;
      }
    }
  }

  /** Takes answers until this many events have been told altogether. */
  void awaitEvents(int altogether) {
    while (events < altogether) {
      take();
    }
  }

  int events() {
    return events;
  }

  /**
   * Asks how far the server is, which it says once all is told, so that nothing more is under way.
   * Only etcd before 3.4.25 says so at once: wait for the events before.
   */
  void drain() {
    send(progressRequest());
    await(1);
  }

  static WatchRequest progressRequest() {
    return WatchRequest.newBuilder()
        .setProgressRequest(WatchProgressRequest.getDefaultInstance())
        .build();
  }

  /** Takes one answer; returns whether it carried events. */
  private boolean take() {
    WatchResponse response = stream.next();
    List<String> lines = told.computeIfAbsent(response.getWatchId(), id -> new ArrayList<>());
    if (response.getEventsCount() == 0) {
      lines.add(Masks.comparable(response));
      return false;
    }
    checkWhole(response);
    parts += response.getFragment() ? 1 : 0;
    for (Event event : response.getEventsList()) {
      lines.add(TextFormat.printer().printToString(event));
      events++;
    }
    return true;
  }

  private void checkWhole(WatchResponse response) {
    long newest = response.getEvents(response.getEventsCount() - 1).getKv().getModRevision();
    assertThat(response.getHeader().getRevision()).isGreaterThanOrEqualTo(newest);
    WatchResponse before = last.put(response.getWatchId(), response);
    if (before != null && !before.getFragment()) {
      long told = before.getEvents(before.getEventsCount() - 1).getKv().getModRevision();
      assertThat(response.getEvents(0).getKv().getModRevision())
          .as("a revision begins with a response and ends within it: %s, %s", before, response)
          .isGreaterThan(told);
    }
  }

  /** Responses that said that they are not the last of their events. */
  int parts() {
    return parts;
  }

  /** Everything heard so far, by watcher; answers to progress requests aside. */
  Map<Long, List<String>> told() {
    return told;
  }

  /** Answers to nobody in particular. */
  List<String> toldToNobody() {
    return told.getOrDefault(NOBODY, List.of());
  }

  @Override
  public void close() {
    stream.close();
  }
}
