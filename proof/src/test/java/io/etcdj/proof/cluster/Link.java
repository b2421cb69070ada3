package io.etcdj.proof.cluster;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The way from one member to another, over whichever connection, no matter who opened it.
 *
 * <p>A stalled link loses nothing: as with lost packets, what is under way waits and is sent again
 * when the link is back, unless somebody gave the connection up meanwhile.
 */
final class Link {
  private enum State {
    OPEN,
    /** Nothing comes through, and nobody is told. */
    STALLED,
    /** Connections are broken off and refused. */
    CUT
  }

  private final Set<Connection> connections = new HashSet<>();
  private State state = State.OPEN;
  private long delayMillis;
  private long bytesPerSecond = Long.MAX_VALUE;

  /** Takes in a connection that carries over this link; false if it is cut. */
  synchronized boolean join(Connection connection) {
    return state != State.CUT && connections.add(connection);
  }

  synchronized void leave(Connection connection) {
    connections.remove(connection);
    notifyAll();
  }

  /** Returns when so many bytes, just read, may be passed on, or when the connection is closed. */
  synchronized void carry(Connection connection, int bytes) throws InterruptedException {
    long startNanos = System.nanoTime();
    while (!connection.isClosed()) {
      // Looked at anew each time: a link that gets better lets go at once.
      long dueMillis = delayMillis + bytes * 1_000L / bytesPerSecond;
      long leftMillis = dueMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
      if (state == State.STALLED) {
        wait();
      } else if (leftMillis > 0) {
        wait(leftMillis);
      } else {
        return;
      }
    }
  }

  synchronized void stall() {
    state = State.STALLED;
  }

  synchronized void slow(long newDelayMillis, long newBytesPerSecond) {
    delayMillis = newDelayMillis;
    bytesPerSecond = newBytesPerSecond;
    notifyAll();
  }

  void cut() {
    synchronized (this) {
      state = State.CUT;
      notifyAll();
    }
    breakConnections();
  }

  void breakConnections() {
    List<Connection> broken;
    synchronized (this) {
      broken = List.copyOf(connections);
    }
    broken.forEach(Connection::close);
  }

  synchronized void heal() {
    state = State.OPEN;
    delayMillis = 0;
    bytesPerSecond = Long.MAX_VALUE;
    notifyAll();
  }
}
