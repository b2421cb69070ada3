package io.etcdj.ctl.rpc;

import java.io.Closeable;
import java.io.IOException;

/** A connected byte pipe. One thread reads at a time and one writes; both at once is fine. */
interface Transport extends Closeable {
  /**
   * Reads at least one byte.
   *
   * @return how many, or -1 at the end
   * @throws java.net.SocketTimeoutException if nothing came in time; the pipe stays usable
   */
  int read(byte[] target, int offset, int length, long timeoutMillis) throws IOException;

  void write(byte[] source, int offset, int length) throws IOException;
}
