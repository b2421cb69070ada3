package io.etcdj.ctl.rpc;

import io.etcdj.ctl.text.GoStrings;

/**
 * Where an HTTP server is.
 *
 * <pre>
 *   http://127.0.0.1:2379       as it stands
 *   //127.0.0.1:2379            with http
 *   127.0.0.1:2379              refused, as Go refuses it: is this a scheme?
 * </pre>
 *
 * @param text the whole, as messages have it
 * @param authority host and port as written, for the Host header
 * @param host without brackets; empty if there is none, and then nothing can be reached
 * @param path what every request's path begins with; usually empty
 */
public record HttpUrl(
    String text, String scheme, String authority, String host, int port, String path) {

  /**
   * Reads a URL; one without a scheme gets http.
   *
   * @throws IllegalArgumentException with the words of Go's {@code url.Parse}
   */
  public static HttpUrl parse(String text) {
    int colon = schemeEnd(text);
    String scheme = colon < 0 ? "http" : text.substring(0, colon);
    String rest = text.substring(colon + 1);
    if (!rest.startsWith("/")) {
      int slash = rest.indexOf('/');
      String first = slash < 0 ? rest : rest.substring(0, slash);
      if (colon >= 0) {
        return new HttpUrl(text, scheme, "", "", 0, "");
      }
      if (first.indexOf(':') >= 0) {
        throw failure(text, "first path segment in URL cannot contain colon");
      }
      rest = rest.isEmpty() ? "" : "//" + rest;
    }
    String whole = scheme + ":" + rest;
    String authority = "";
    String path = rest;
    if (rest.startsWith("//")) {
      int slash = rest.indexOf('/', 2);
      authority = slash < 0 ? rest.substring(2) : rest.substring(2, slash);
      path = slash < 0 ? "" : rest.substring(slash);
    }
    int portColon = authority.lastIndexOf(':');
    if (portColon < authority.lastIndexOf(']')) {
      portColon = -1;
    }
    String host = portColon < 0 ? authority : authority.substring(0, portColon);
    int port = scheme.equals("https") ? 443 : 80;
    if (portColon >= 0 && portColon < authority.length() - 1) {
      String digits = authority.substring(portColon + 1);
      try {
        port = Integer.parseUnsignedInt(digits);
      } catch (NumberFormatException e) {
        throw failure(text, "invalid port " + GoStrings.quote(":" + digits) + " after host");
      }
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    return new HttpUrl(whole, scheme, authority, host, port, path);
  }

  /** Where the colon behind the scheme is, or -1 if there is no scheme. */
  private static int schemeEnd(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (letter) {
        continue;
      }
      if (c == ':') {
        if (i == 0) {
          throw failure(text, "missing protocol scheme");
        }
        return i;
      }
      boolean later = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
      if (i == 0 || !later) {
        return -1;
      }
    }
    return -1;
  }

  private static IllegalArgumentException failure(String text, String why) {
    return new IllegalArgumentException("parse " + GoStrings.quote(text) + ": " + why);
  }

  public boolean secure() {
    return scheme.equals("https");
  }

  /** Scheme and authority: what a path is appended to. */
  public String origin() {
    return scheme + "://" + authority;
  }
}
