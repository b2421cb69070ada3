package io.etcdj.server.text;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;

/**
 * Where something listens or is reached: {@code http://127.0.0.1:2379}, {@code https://[::1]:2379},
 * {@code unix://localhost:7001} (a file of that name) or {@code unix:/run/etcd.sock}.
 *
 * @param scheme http, https, unix or unixs
 * @param authority {@code host:port}, as written; for unix sockets the first part of the path, or
 *     empty
 * @param path only for unix sockets; absolute, or empty
 */
public record EtcdUrl(String scheme, String authority, String path) implements Comparable<EtcdUrl> {

  /**
   * Reads one URL.
   *
   * @throws IllegalArgumentException with etcd's words
   */
  public static EtcdUrl parse(String text) {
    String url = text.strip();
    String scheme = scheme(url);
    String afterScheme = scheme.isEmpty() ? url : url.substring(scheme.length() + 1);
    boolean hasAuthority = !scheme.isEmpty() && afterScheme.startsWith("//");
    int authorityEnd = hasAuthority ? endOfAuthority(afterScheme) : 0;
    String authority = hasAuthority ? afterScheme.substring(2, authorityEnd) : "";
    String path = afterScheme.substring(authorityEnd);
    if (hasAuthority) {
      checkAuthority(authority, url);
    }
    switch (scheme) {
      case "http", "https" -> {
        if (!isHostPort(authority)) {
          throw new IllegalArgumentException(
              "URL address does not have the form \"host:port\": " + url);
        }
        if (!path.isEmpty() && path.charAt(0) == '/') {
          throw new IllegalArgumentException("URL must not contain a path: " + url);
        }
        return new EtcdUrl(scheme, authority, "");
      }
      case "unix", "unixs" -> {
        return new EtcdUrl(scheme, authority, path);
      }
      default ->
          throw new IllegalArgumentException(
              "URL scheme must be http, https, unix, or unixs: " + url);
    }
  }

  /**
   * Reads a comma-separated list; sorted, without repetitions, empty for an empty text.
   *
   * @throws IllegalArgumentException with etcd's words
   */
  public static List<EtcdUrl> parseList(String text) {
    if (text.isEmpty()) {
      return List.of();
    }
    TreeSet<EtcdUrl> urls = new TreeSet<>();
    for (String one : text.split(",", -1)) {
      urls.add(parse(one));
    }
    return List.copyOf(urls);
  }

  private static String scheme(String url) {
    for (int i = 0; i < url.length(); i++) {
      char c = url.charAt(i);
      if (c < ' ' || c == 0x7f) {
        throw malformed(url, "net/url: invalid control character in URL");
      }
      if (c == ':') {
        if (i == 0) {
          throw malformed(url, "missing protocol scheme");
        }
        return url.substring(0, i).toLowerCase(Locale.ROOT);
      }
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      boolean later = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
      if (!letter && (i == 0 || !later)) {
        break;
      }
    }
    String firstSegment = url.split("/", 2)[0];
    if (firstSegment.indexOf(':') >= 0) {
      throw malformed(url, "first path segment in URL cannot contain colon");
    }
    return "";
  }

  private static int endOfAuthority(String afterScheme) {
    int end = 2;
    while (end < afterScheme.length() && "/?#".indexOf(afterScheme.charAt(end)) < 0) {
      end++;
    }
    return end;
  }

  private static void checkAuthority(String authority, String url) {
    int blank = authority.indexOf(' ');
    if (blank >= 0) {
      throw malformed(url, "invalid character \" \" in host name");
    }
    int bracket = authority.lastIndexOf(']');
    if (authority.startsWith("[") && bracket < 0) {
      throw malformed(url, "missing ']' in host");
    }
    int colon = authority.lastIndexOf(':');
    String port = colon > bracket ? authority.substring(colon) : "";
    if (!port.matches("(:\\d*)?")) {
      throw malformed(url, "invalid port " + GoQuote.quote(port) + " after host");
    }
  }

  private static IllegalArgumentException malformed(String url, String why) {
    return new IllegalArgumentException("parse " + GoQuote.quote(url) + ": " + why);
  }

  private static boolean isHostPort(String authority) {
    int bracket = authority.lastIndexOf(']');
    int colon = authority.indexOf(':', Math.max(bracket, 0));
    return colon >= 0 && authority.indexOf(':', colon + 1) < 0;
  }

  /** The host without brackets; empty if none is given. */
  public String host() {
    int colon = authority.lastIndexOf(':');
    String host = colon < 0 ? authority : authority.substring(0, colon);
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /** The port; 0, which takes any free one, if none is given. */
  public int port() {
    String digits = authority.substring(authority.lastIndexOf(':') + 1);
    return authority.indexOf(':') < 0 || digits.isEmpty() ? 0 : Integer.parseInt(digits);
  }

  /** The file of a unix socket, relative to the working directory unless it starts with a slash. */
  public String socketFile() {
    return authority + path;
  }

  public boolean isUnix() {
    return scheme.startsWith("unix");
  }

  /** Whether it is served with TLS. */
  public boolean isSecure() {
    return scheme.equals("https") || scheme.equals("unixs");
  }

  /** The same place with another host. */
  public EtcdUrl withHost(String host) {
    String bracketed = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return new EtcdUrl(scheme, bracketed + authority.substring(authority.lastIndexOf(':')), path);
  }

  @Override
  public int compareTo(EtcdUrl other) {
    return toString().compareTo(Objects.requireNonNull(other).toString());
  }

  @Override
  public String toString() {
    // Go prints an opaque part without slashes, and an empty authority as none at all.
    return authority.isEmpty() ? scheme + ":" + path : scheme + "://" + authority + path;
  }
}
