package io.etcdj.state.v2;

import java.util.ArrayDeque;
import java.util.Deque;

/** Paths of the tree: absolute, without empty parts, {@code .} and {@code ..}. */
public final class Paths {
  private Paths() {}

  /** The clean form of any text; {@code /} for what names nothing. */
  public static String clean(String path) {
    if (isClean(path)) {
      return path;
    }
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/", -1)) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return "/" + String.join("/", parts);
  }

  private static boolean isClean(String path) {
    return path.startsWith("/")
        && !path.endsWith("/")
        && !path.endsWith("/.")
        && !path.endsWith("/..")
        && !path.contains("//")
        && !path.contains("/./")
        && !path.contains("/../");
  }
}
