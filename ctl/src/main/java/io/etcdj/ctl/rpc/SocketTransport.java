package io.etcdj.ctl.rpc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;

/** A TCP connection, plain or already wrapped in TLS. */
final class SocketTransport implements Transport {
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private int timeoutMillis;

  SocketTransport(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
    this.timeoutMillis = socket.getSoTimeout();
  }

  /** Tries the addresses of {@code host} in turn. */
  static Socket connect(String host, int port, Deadline deadline) throws IOException {
    IOException last = null;
    for (InetAddress address : InetAddress.getAllByName(host)) {
      Socket socket = new Socket();
      try {
        socket.setTcpNoDelay(true); // a request is one write: nothing is worth waiting for
        socket.connect(
            new InetSocketAddress(address, port),
            (int) Math.min(Integer.MAX_VALUE, deadline.remainingMillis()));
        return socket;
      } catch (IOException e) {
        socket.close();
        last = e;
      }
    }
    throw last == null ? new UnknownHostException(host) : last;
  }

  @Override
  public int read(byte[] target, int offset, int length, long timeout) throws IOException {
    int wanted = timeout >= Integer.MAX_VALUE ? 0 : (int) timeout; // 0 waits forever
    if (wanted != timeoutMillis) {
      socket.setSoTimeout(wanted);
      timeoutMillis = wanted;
    }
    return in.read(target, offset, length);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    out.write(source, offset, length);
    out.flush();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
