package io.etcdj.proof.cluster;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which member opened a connection: the one whose process holds the socket at its other end, says
 * Linux.
 *
 * <p>No protocol has to be understood for this, so it goes for whatever members say to each other.
 */
final class Dialers {
  private final Supplier<Map<Long, String>> members;

  /**
   * @param members names of the members that run, by process id
   */
  Dialers(Supplier<Map<Long, String>> members) {
    this.members = members;
  }

  /**
   * The member that connected from one port of the loopback address to the other; null if it is
   * gone or none. Connections to different ports may come from the same.
   */
  @Nullable String between(int port, int door) {
    try {
      String inode = inodeOf(port, door);
      if (inode == null) {
        return null;
      }
      for (Map.Entry<Long, String> member : members.get().entrySet()) {
        if (holds(member.getKey(), "socket:[" + inode + "]")) {
          return member.getValue();
        }
      }
      return null;
    } catch (IOException e) {
      return null;
    }
  }

  private static @Nullable String inodeOf(int port, int door) throws IOException {
    String local = String.format(":%04X", port);
    String remote = String.format(":%04X", door);
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      Path path = Path.of(table);
      if (!Files.exists(path)) {
        continue;
      }
      for (String line : Files.readAllLines(path)) {
        // number, local address, remote address, state, queues, timer, retries, uid, timeout, inode
        String[] fields = line.trim().split("\\s+", -1);
        if (fields.length > 9
            && fields[1].endsWith(local)
            && fields[2].endsWith(remote)
            && !fields[9].equals("0")) {
          return fields[9];
        }
      }
    }
    return null;
  }

  private static boolean holds(long pid, String socket) {
    try (DirectoryStream<Path> descriptors =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
      for (Path descriptor : descriptors) {
        try {
          if (Files.readSymbolicLink(descriptor).toString().equals(socket)) {
            return true;
          }
        } catch (IOException closedMeanwhile) {
          // not this one, then
        }
      }
      return false;
    } catch (IOException | DirectoryIteratorException gone) {
      return false;
    }
  }
}
