package io.etcdj.bench.h2;

import java.net.URI;

/** Where a member listens for clients, in clear text. */
public record Endpoint(String host, int port) {
  /** Reads {@code 127.0.0.1:2379} or {@code http://127.0.0.1:2379}. */
  public static Endpoint parse(String text) {
    URI uri = URI.create(text.contains("://") ? text : "http://" + text);
    if (!"http".equals(uri.getScheme()) || uri.getHost() == null || uri.getPort() < 0) {
      throw new IllegalArgumentException("not an endpoint of the form http://host:port: " + text);
    }
    return new Endpoint(uri.getHost(), uri.getPort());
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
