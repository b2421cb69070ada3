package io.etcdj.raft;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The linearizable reads that wait for a leader's proof that it still leads (thesis §6.4).
 *
 * <p>Each remembers the commit index at its arrival. A heartbeat carries the context of the newest;
 * a quorum of answers to it proves leadership at that time, hence also for all older ones:
 *
 * <pre>
 *   add(a, at 7)  add(b, at 9)       a b       heartbeats carry b
 *   acknowledge(2, b)                          the acknowledging members: 2
 *   release(b)                       returns a at 7, b at 9
 * </pre>
 */
final class ReadOnly {
  /** One waiting read: who asked (0 or the own id for a local one) and the index it needs. */
  static final class Request {
    final long from;
    final ByteString context;
    final long index;
    private final Set<Long> acknowledgedBy = new HashSet<>();

    Request(long from, ByteString context, long index) {
      this.from = from;
      this.context = context;
      this.index = index;
    }

    boolean isAcknowledgedBy(long id) {
      return acknowledgedBy.contains(id);
    }
  }

  /** In order of arrival. */
  private final Map<ByteString, Request> waiting = new LinkedHashMap<>();

  private ByteString newest = ByteString.EMPTY;

  /** A context that waits already keeps its place. */
  void add(Request request) {
    if (waiting.putIfAbsent(request.context, request) == null) {
      newest = request.context;
    }
  }

  /** The context for the next heartbeat, empty when nothing waits. */
  ByteString newestContext() {
    return newest;
  }

  /** A member has answered a heartbeat with this context; null when nothing waits for it. */
  @Nullable Request acknowledge(long id, ByteString context) {
    Request request = waiting.get(context);
    if (request != null) {
      request.acknowledgedBy.add(id);
    }
    return request;
  }

  /** The read with this context, preceded by all that came before it; they wait no longer. */
  List<Request> release(ByteString context) {
    List<Request> released = new ArrayList<>();
    Iterator<Request> oldestFirst = waiting.values().iterator();
    while (oldestFirst.hasNext()) {
      Request request = oldestFirst.next();
      oldestFirst.remove();
      released.add(request);
      if (request.context.equals(context)) {
        break;
      }
    }
    if (waiting.isEmpty()) {
      newest = ByteString.EMPTY;
    }
    return released;
  }

  void clear() {
    waiting.clear();
    newest = ByteString.EMPTY;
  }
}
