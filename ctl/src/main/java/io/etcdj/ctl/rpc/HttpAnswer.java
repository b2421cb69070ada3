package io.etcdj.ctl.rpc;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What an HTTP server answered.
 *
 * @param headers by name in lower case
 */
@SuppressWarnings("ArrayRecordComponent") // handed through once, never compared
public record HttpAnswer(int status, Map<String, String> headers, byte[] body) {
  /** A header, or the empty string. */
  public String header(String name) {
    return headers.getOrDefault(name, "");
  }

  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }
}
