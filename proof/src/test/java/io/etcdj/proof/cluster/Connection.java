package io.etcdj.proof.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A connection of one member to another, carried in both directions by a thread each. */
final class Connection {
  private static final int CHUNK_BYTES = 64 << 10;

  private final Socket dialer;
  private final Socket dialled = new Socket();
  private final Link there;
  private final Link back;
  private volatile boolean closed;

  /**
   * @param dialer the accepted end
   * @param there from the member that dialled to the one that listens
   * @param back the other way
   */
  Connection(Socket dialer, Link there, Link back) {
    this.dialer = dialer;
    this.there = there;
    this.back = back;
  }

  /** Dials the member and carries until one end closes. */
  void open(int port) {
    try {
      if (!there.join(this) || !back.join(this)) {
        close();
        return;
      }
      dialer.setTcpNoDelay(true);
      dialled.setTcpNoDelay(true);
      dialled.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      start(dialer, dialled, there);
      start(dialled, dialer, back);
    } catch (IOException e) {
      close(); // the member is down: so the dialer finds a closed door, too
    }
  }

  private void start(Socket from, Socket to, Link link) {
    Thread thread = new Thread(() -> pump(from, to, link), "peer link");
    thread.setDaemon(true);
    thread.start();
  }

  private void pump(Socket from, Socket to, Link link) {
    byte[] chunk = new byte[CHUNK_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int bytes = in.read(chunk); bytes >= 0; bytes = in.read(chunk)) {
        link.carry(this, bytes);
        out.write(chunk, 0, bytes);
      }
    } catch (IOException e) {
      // one of the ends is gone
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  boolean isClosed() {
    return closed;
  }

  void close() {
    closed = true;
    there.leave(this);
    back.leave(this);
    close(dialer);
    close(dialled);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // it is of no use any more
    }
  }
}
