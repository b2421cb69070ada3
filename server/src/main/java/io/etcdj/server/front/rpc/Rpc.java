package io.etcdj.server.front.rpc;

import com.google.protobuf.Message;

/**
 * One method of a service, however its calls arrive.
 *
 * @param service the full name as on the wire, {@code etcdserverpb.KV}
 * @param method {@code Range}
 * @param requestDefault the default instance of the request type, which knows how to parse it
 * @param handler opened once per call
 */
public record Rpc<Q extends Message, R extends Message>(
    String service, String method, Kind kind, Q requestDefault, StreamHandler<Q, R> handler) {

  /** How many messages go which way; the texts are the {@code grpc_type} label of the metrics. */
  public enum Kind {
    /** One request, one answer. */
    UNARY("unary"),
    /** One request, any number of answers. */
    SERVER_STREAM("server_stream"),
    /** Any number both ways, in any order. */
    BIDI("bidi_stream");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  public static <Q extends Message, R extends Message> Rpc<Q, R> unary(
      String service, String method, Q requestDefault, Handler<Q, R> handler) {
    return new Rpc<>(service, method, Kind.UNARY, requestDefault, once(handler));
  }

  public static <Q extends Message, R extends Message> Rpc<Q, R> serverStream(
      String service, String method, Q requestDefault, Handler<Q, R> handler) {
    return new Rpc<>(service, method, Kind.SERVER_STREAM, requestDefault, once(handler));
  }

  public static <Q extends Message, R extends Message> Rpc<Q, R> bidi(
      String service, String method, Q requestDefault, StreamHandler<Q, R> handler) {
    return new Rpc<>(service, method, Kind.BIDI, requestDefault, handler);
  }

  /** The path on the wire: {@code /etcdserverpb.KV/Range}. */
  public String path() {
    return '/' + service + '/' + method;
  }

  private static <Q extends Message, R extends Message> StreamHandler<Q, R> once(
      Handler<Q, R> handler) {
    return call -> request -> handler.handle(call, request);
  }
}
