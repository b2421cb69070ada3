package io.etcdj.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.etcdj.server.log.Log;
import io.etcdj.state.membership.MemberJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/**
 * {@code proxy/cluster} in the data directory: the peer URLs that a proxy knew last, so that it
 * finds the cluster again when its first members are gone.
 *
 * <pre>
 *   {"PeerURLs":["http://10.0.1.10:2380","http://10.0.1.11:2380"]}
 * </pre>
 */
public final class ProxyFile {
  private final Path file;
  private final List<String> initial;
  private final Log log;

  /**
   * @param initial the peer URLs where there is no file
   */
  public ProxyFile(Path dataDirectory, List<String> initial, Log log) {
    this.file = dataDirectory.resolve("proxy").resolve("cluster");
    this.initial = List.copyOf(initial);
    this.log = log;
  }

  /** Whether a proxy used this directory. */
  public static boolean isIn(Path dataDirectory) {
    return Files.isDirectory(dataDirectory.resolve("proxy"));
  }

  /** Makes the directory, which says that it is a proxy's. */
  public void makeDirectory() throws IOException {
    Files.createDirectories(directory());
  }

  private Path directory() {
    Path parent = file.getParent();
    return parent == null ? Path.of(".") : parent;
  }

  boolean isThere() {
    return Files.exists(file);
  }

  List<String> peerUrls() {
    if (!isThere()) {
      return initial;
    }
    try {
      List<String> urls =
          MemberJson.strings(
              JsonParser.parseString(Files.readString(file, UTF_8))
                  .getAsJsonObject()
                  .get("PeerURLs"));
      return urls.isEmpty() ? initial : urls;
    } catch (IOException | JsonParseException | IllegalStateException e) {
      log.warn("the proxy's file cannot be read", "path", file, "error", e);
      return initial;
    }
  }

  /** Takes note of the URLs; one file or the other is there, whenever it is interrupted. */
  synchronized void write(List<String> peerUrls) {
    Path fresh = file.resolveSibling("cluster.bak");
    try {
      Files.writeString(fresh, new Gson().toJson(Map.of("PeerURLs", peerUrls)), UTF_8);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      log.warn("the proxy's file cannot be written", "path", file, "error", e);
      throw new UncheckedIOException(e);
    }
  }
}
