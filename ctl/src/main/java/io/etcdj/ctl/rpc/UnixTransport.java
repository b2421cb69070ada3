package io.etcdj.ctl.rpc;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** A unix socket. Blocking channels have no read timeout, so a selector does the waiting. */
final class UnixTransport implements Transport {
  private final SocketChannel channel;
  private final Selector readable;
  private final Selector writable;

  UnixTransport(String path) throws IOException {
    channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
    channel.configureBlocking(false);
    readable = Selector.open();
    writable = Selector.open();
    channel.register(readable, SelectionKey.OP_READ);
    channel.register(writable, SelectionKey.OP_WRITE);
  }

  @Override
  public int read(byte[] target, int offset, int length, long timeoutMillis) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(target, offset, length);
    while (true) {
      int count = channel.read(buffer);
      if (count != 0) {
        return count;
      }
      readable.selectedKeys().clear();
      if (readable.select(timeoutMillis == Long.MAX_VALUE ? 0 : timeoutMillis) == 0) {
        throw new SocketTimeoutException("read timed out");
      }
    }
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(source, offset, length);
    while (buffer.hasRemaining()) {
      if (channel.write(buffer) == 0) {
        writable.selectedKeys().clear();
        writable.select();
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    readable.close();
    writable.close();
  }
}
