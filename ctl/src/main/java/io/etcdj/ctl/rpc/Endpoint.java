package io.etcdj.ctl.rpc;

import org.jspecify.annotations.Nullable;

/**
 * One address of {@code --endpoints}.
 *
 * <pre>
 *   127.0.0.1:2379          TLS only if certificates were given
 *   http://host:2379        never TLS
 *   https://host:2379       always TLS
 *   unix:///run/etcd.sock   a unix socket; unixs:// with TLS is not a thing Java can speak
 * </pre>
 *
 * <p>An address that makes no sense is not an error here: like one that nobody listens on, it just
 * cannot be reached, and another endpoint may serve.
 *
 * @param text as the user wrote it, which is how results name it
 * @param host null for a unix socket, whose path is in {@code authority}
 */
record Endpoint(String text, @Nullable String host, int port, String authority, TlsUse tls) {
  enum TlsUse {
    NEVER,
    IF_CONFIGURED,
    ALWAYS
  }

  private static final int UNUSABLE = -1;

  static Endpoint parse(String text) {
    if (text.startsWith("unix:")) {
      String path = text.substring("unix:".length());
      return new Endpoint(
          text, null, 0, path.startsWith("//") ? path.substring(2) : path, TlsUse.NEVER);
    }
    TlsUse tls = TlsUse.IF_CONFIGURED;
    String rest = text;
    int scheme = text.indexOf("://");
    if (scheme >= 0) {
      tls =
          switch (text.substring(0, scheme)) {
            case "https" -> TlsUse.ALWAYS;
            case "http" -> TlsUse.NEVER;
            default -> TlsUse.IF_CONFIGURED;
          };
      rest = text.substring(scheme + 3);
      int path = rest.indexOf('/');
      rest = path < 0 ? rest : rest.substring(0, path);
    }
    int colon = rest.lastIndexOf(':');
    boolean bracketed = rest.startsWith("[");
    if (colon < 0 || (!bracketed && rest.indexOf(':') != colon)) {
      return new Endpoint(text, rest, UNUSABLE, rest, tls);
    }
    String host = rest.substring(0, colon);
    if (bracketed && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    return new Endpoint(text, host, port(rest.substring(colon + 1)), rest, tls);
  }

  private static int port(String digits) {
    try {
      int port = Integer.parseInt(digits);
      return port > 0 && port <= 65_535 ? port : UNUSABLE;
    } catch (NumberFormatException e) {
      return UNUSABLE;
    }
  }

  boolean usable() {
    return port != UNUSABLE;
  }
}
