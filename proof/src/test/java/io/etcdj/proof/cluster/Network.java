package io.etcdj.proof.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * What is between members: for each a door that others dial instead of the member itself, and a
 * {@link Link} for each ordered pair.
 *
 * <p>The messages of etcd's peers run against the grain of their connections (the answer to a GET
 * is a stream of what the dialled member says), so a link is about who speaks, not about who
 * dialled.
 */
public final class Network implements AutoCloseable {
  private record Pair(String from, String to) {}

  private final Dialers dialers;
  private final Map<Pair, Link> links = new ConcurrentHashMap<>();
  private final List<ServerSocket> doors = new CopyOnWriteArrayList<>();
  private final List<String> names = new CopyOnWriteArrayList<>();

  Network(Supplier<Map<Long, String>> members) {
    this.dialers = new Dialers(members);
  }

  /** Makes a door to a member that listens on this port; returns the door's port. */
  int join(String name, int port) {
    try {
      ServerSocket door = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
      doors.add(door);
      names.add(name);
      Thread thread = new Thread(() -> keep(door, name, port), "door of " + name);
      thread.setDaemon(true);
      thread.start();
      return door.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void keep(ServerSocket door, String name, int port) {
    while (!door.isClosed()) {
      try {
        Socket dialer = door.accept();
        String from = dialers.between(dialer.getPort(), door.getLocalPort());
        if (from == null) {
          dialer.close(); // whoever dialled is gone
        } else {
          new Connection(dialer, link(from, name), link(name, from)).open(port);
        }
      } catch (IOException e) {
        // the door was closed, or the one who dialled has gone
      }
    }
  }

  private Link link(String from, String to) {
    return links.computeIfAbsent(new Pair(from, to), unused -> new Link());
  }

  /** Breaks off and refuses all connections between two groups. */
  public void cut(Collection<String> one, Collection<String> other) {
    for (String a : one) {
      for (String b : other) {
        link(a, b).cut();
        link(b, a).cut();
      }
    }
  }

  /** Lets nothing through from one member to another; the opposite direction stays. */
  public void stall(String from, String to) {
    link(from, to).stall();
  }

  /** Lets nothing through between two groups, without a sign. */
  public void stall(Collection<String> one, Collection<String> other) {
    for (String a : one) {
      for (String b : other) {
        stall(a, b);
        stall(b, a);
      }
    }
  }

  /** Makes one direction slow. */
  public void slow(String from, String to, long delayMillis, long bytesPerSecond) {
    link(from, to).slow(delayMillis, bytesPerSecond);
  }

  /** Everybody but this one. */
  public List<String> others(String name) {
    return names.stream().filter(other -> !other.equals(name)).toList();
  }

  /** All links are as new; what was stalled arrives late. */
  public void heal() {
    links.values().forEach(Link::heal);
  }

  /** Breaks off all connections; they may be opened again. */
  public void reset() {
    links.values().forEach(Link::breakConnections);
  }

  @Override
  public void close() {
    for (ServerSocket door : doors) {
      try {
        door.close();
      } catch (IOException e) {
        // nobody dials any more
      }
    }
    reset();
    heal();
  }
}
