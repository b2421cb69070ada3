package io.etcdj.server.v2;

import java.util.ArrayDeque;
import java.util.Deque;

/** Paths as Go's servers clean them. */
final class StorePaths {
  private StorePaths() {}

  /** Without empty parts, {@code .} and {@code ..}; a slash at the end stays. */
  static String clean(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/", -1)) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    String clean = "/" + String.join("/", parts);
    return path.endsWith("/") && clean.length() > 1 ? clean + "/" : clean;
  }

  static String withoutSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
