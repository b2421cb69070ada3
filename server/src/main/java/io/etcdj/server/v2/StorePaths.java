package io.etcdj.server.v2;

import io.etcdj.state.v2.Paths;

/** Paths as Go's servers clean them. */
final class StorePaths {
  private StorePaths() {}

  /** Without empty parts, {@code .} and {@code ..}; a slash at the end stays. */
  static String clean(String path) {
    String clean = Paths.clean(path);
    return path.endsWith("/") && clean.length() > 1 ? clean + "/" : clean;
  }

  static String withoutSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
