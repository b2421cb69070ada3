package io.etcdj.server.v2;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcdj.state.v2.Paths;
import java.util.HexFormat;

/** Paths as Go's servers clean them. */
final class StorePaths {
  private static final String LITERAL =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~$&+,/:;=@";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private StorePaths() {}

  /** Without empty parts, {@code .} and {@code ..}; a slash at the end stays. */
  static String clean(String path) {
    String clean = Paths.clean(path);
    return path.endsWith("/") && clean.length() > 1 ? clean + "/" : clean;
  }

  /** As it is written in a URL. */
  static String escape(String path) {
    StringBuilder url = new StringBuilder();
    for (byte b : path.getBytes(UTF_8)) {
      if (LITERAL.indexOf(b) >= 0) {
        url.append((char) b);
      } else {
        url.append('%').append(HEX.toHexDigits(b));
      }
    }
    return url.toString();
  }

  static String withoutSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
