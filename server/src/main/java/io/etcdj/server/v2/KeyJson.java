package io.etcdj.server.v2;

import io.etcdj.state.v2.Event;
import io.etcdj.state.v2.NodeView;
import io.etcdj.state.v2.Rfc3339;
import io.etcdj.state.v2.V2Exception;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Events and refusals as clients of the v2 API read them, each with a newline.
 *
 * <pre>
 *   {"action":"set","node":{"key":"/a","value":"x","modifiedIndex":4,"createdIndex":4}}
 *   {"errorCode":100,"message":"Key not found","cause":"/b","index":4}
 * </pre>
 */
final class KeyJson {
  /** Where the keys of clients are in the store. */
  static final String PREFIX = "/1";

  private static final long NANOS = 1_000_000_000;

  private KeyJson() {}

  /**
   * An event.
   *
   * @param brief whether to leave out what was written
   * @param nowNanos Unix time, for what a node has left to live
   */
  static String event(Event event, boolean brief, long nowNanos) {
    StringBuilder json = new StringBuilder("{\"action\":");
    GoJson.quote(json, event.action().word());
    if (!brief || !isBrief(event.action())) {
      json.append(",\"node\":");
      node(json, event.node(), nowNanos);
      if (event.prevNode() != null) {
        json.append(",\"prevNode\":");
        node(json, event.prevNode(), nowNanos);
      }
    }
    return json.append("}\n").toString();
  }

  private static boolean isBrief(Event.Action action) {
    return switch (action) {
      case CREATE, SET, UPDATE, COMPARE_AND_SWAP -> true;
      case GET, DELETE, COMPARE_AND_DELETE, EXPIRE -> false;
    };
  }

  /** A node with all that is in it, however deep that is. */
  private static void node(StringBuilder json, NodeView top, long nowNanos) {
    Deque<Begun> open = new ArrayDeque<>();
    open.addLast(begin(json, top, nowNanos));
    while (!open.isEmpty()) {
      Begun inner = open.getLast();
      if (inner.rest().hasNext()) {
        NodeView next = inner.rest().next();
        if (json.charAt(json.length() - 1) == '}') {
          json.append(',');
        }
        open.addLast(begin(json, next, nowNanos));
      } else {
        end(json, open.removeLast());
      }
    }
  }

  /** A node that is written up to where its children come. */
  private record Begun(NodeView node, int empty, Iterator<NodeView> rest) {}

  private static Begun begin(StringBuilder json, NodeView node, long nowNanos) {
    json.append('{');
    int empty = json.length();
    String key = withoutPrefix(node.key());
    if (!key.isEmpty()) {
      GoJson.quote(field(json, empty, "key"), key);
    }
    if (node.value() != null) {
      GoJson.quote(field(json, empty, "value"), node.value());
    }
    if (node.dir()) {
      field(json, empty, "dir").append(true);
    }
    if (node.expiryNanos() != 0) {
      GoJson.quote(field(json, empty, "expiration"), Rfc3339.write(node.expiryNanos()));
      long ttlSeconds = ttlSeconds(node.expiryNanos() - nowNanos);
      if (ttlSeconds != 0) {
        field(json, empty, "ttl").append(ttlSeconds);
      }
    }
    if (!node.nodes().isEmpty()) {
      field(json, empty, "nodes").append('[');
    }
    return new Begun(node, empty, node.nodes().iterator());
  }

  private static void end(StringBuilder json, Begun begun) {
    NodeView node = begun.node();
    int empty = begun.empty();
    if (!node.nodes().isEmpty()) {
      json.append(']');
    }
    if (node.modifiedIndex() != 0) {
      field(json, empty, "modifiedIndex").append(node.modifiedIndex());
    }
    if (node.createdIndex() != 0) {
      field(json, empty, "createdIndex").append(node.createdIndex());
    }
    json.append('}');
  }

  private static StringBuilder field(StringBuilder json, int empty, String name) {
    if (json.length() > empty) {
      json.append(',');
    }
    return json.append('"').append(name).append("\":");
  }

  /** What is left, in seconds, rounded up; what is over is rounded towards 0. */
  private static long ttlSeconds(long leftNanos) {
    return leftNanos / NANOS + (leftNanos % NANOS > 0 ? 1 : 0);
  }

  /** A refusal. */
  static String refusal(V2Exception refusal) {
    StringBuilder json = new StringBuilder("{\"errorCode\":").append(refusal.error().code());
    GoJson.quote(json.append(",\"message\":"), refusal.error().message());
    String cause = withoutPrefix(refusal.reason());
    if (!cause.isEmpty()) {
      GoJson.quote(json.append(",\"cause\":"), cause);
    }
    return json.append(",\"index\":").append(refusal.index()).append("}\n").toString();
  }

  private static String withoutPrefix(String path) {
    return path.startsWith(PREFIX) ? path.substring(PREFIX.length()) : path;
  }
}
