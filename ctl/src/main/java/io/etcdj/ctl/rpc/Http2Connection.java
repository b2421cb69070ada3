package io.etcdj.ctl.rpc;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The client side of one HTTP/2 connection (RFC 9113), without push and priorities.
 *
 * <p>No thread belongs to it. A thread that waits for its stream calls {@link #await}: if nobody is
 * reading, it reads the next frame itself, whomever it is for; otherwise it sleeps until the reader
 * has dispatched one. Writers build whole frames and send them under one lock.
 *
 * <p>Both receive windows are refilled as soon as bytes arrive: since a frame is only ever read by
 * a thread that waits for an answer, TCP itself slows the sender down.
 */
final class Http2Connection implements Closeable {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);

  private static final int FRAME_HEADER_BYTES = 9;
  private static final int DEFAULT_WINDOW_BYTES = 65_535;

  /** What we let the peer send unasked, per stream and over all streams. */
  private static final int OUR_WINDOW_BYTES = 4 << 20;

  /** The default of SETTINGS_MAX_FRAME_SIZE, which we leave as it is. */
  private static final int OUR_MAX_FRAME_BYTES = 16_384;

  private static final int DATA = 0x0;
  private static final int HEADERS = 0x1;
  private static final int RST_STREAM = 0x3;
  private static final int SETTINGS = 0x4;
  private static final int PUSH_PROMISE = 0x5;
  private static final int PING = 0x6;
  private static final int GOAWAY = 0x7;
  private static final int WINDOW_UPDATE = 0x8;
  private static final int CONTINUATION = 0x9;

  private static final int ACK = 0x1;
  private static final int END_STREAM = 0x1;
  private static final int END_HEADERS = 0x4;
  private static final int PADDED = 0x8;
  private static final int PRIORITY = 0x20;

  private static final int SETTINGS_ENABLE_PUSH = 0x2;
  private static final int SETTINGS_INITIAL_WINDOW_SIZE = 0x4;
  private static final int SETTINGS_MAX_FRAME_SIZE = 0x5;

  private static final int CANCEL = 0x8;

  private final Transport transport;
  private final long pingIdleMillis;
  private final long pingTimeoutMillis;

  /** Frames being written; also the lock of all writing. Never taken after the monitor of this. */
  private final Bytes out = new Bytes(1024);

  // Touched only by the thread that holds the reading role.
  private final Bytes in = new Bytes(OUR_MAX_FRAME_BYTES + FRAME_HEADER_BYTES);
  private final Hpack hpack = new Hpack();
  private final Bytes headerBlock = new Bytes(256);
  private int headerBlockFlags;
  private boolean pingOutstanding;

  // Guarded by this.
  private final Map<Integer, Http2Stream> streams = new HashMap<>();
  private int nextStreamId = 1;
  private long sendWindowBytes = DEFAULT_WINDOW_BYTES;
  private int peerStreamWindowBytes = DEFAULT_WINDOW_BYTES;
  private int peerMaxFrameBytes = OUR_MAX_FRAME_BYTES;
  private boolean reading;
  private boolean goingAway;
  private @org.jspecify.annotations.Nullable IOException failure;

  /**
   * Takes over a connected transport. The preface travels with the first request, to save a write.
   *
   * @param pingIdleMillis after how long a silence a waiting thread asks whether the peer is alive
   * @param pingTimeoutMillis how long it may take to answer that
   */
  Http2Connection(Transport transport, long pingIdleMillis, long pingTimeoutMillis) {
    this.transport = transport;
    this.pingIdleMillis = pingIdleMillis;
    this.pingTimeoutMillis = pingTimeoutMillis;
    out.put(PREFACE);
    frame(out, 12, SETTINGS, 0, 0);
    out.put(0).put(SETTINGS_ENABLE_PUSH).putInt32(0);
    out.put(0).put(SETTINGS_INITIAL_WINDOW_SIZE).putInt32(OUR_WINDOW_BYTES);
    windowUpdate(out, 0, OUR_WINDOW_BYTES - DEFAULT_WINDOW_BYTES);
  }

  /** Whether a new stream may be opened. */
  synchronized boolean usable() {
    return failure == null && !goingAway;
  }

  /** Opens a stream. The headers stay in the buffer until its first data or {@link #flush}. */
  Http2Stream open(List<Hpack.Header> headers) throws IOException {
    synchronized (out) { // ids must reach the wire in order
      Http2Stream stream;
      synchronized (this) {
        if (failure != null) {
          throw failure;
        }
        stream = new Http2Stream(nextStreamId, peerStreamWindowBytes);
        nextStreamId += 2;
        streams.put(stream.id, stream);
      }
      int frameStart = out.size();
      frame(out, 0, HEADERS, END_HEADERS, stream.id);
      for (int i = 0; i < headers.size(); i++) {
        Hpack.Header header = headers.get(i);
        Hpack.write(out, header.name(), header.value());
      }
      out.setInt24(frameStart, out.size() - frameStart - FRAME_HEADER_BYTES);
      return stream;
    }
  }

  /** Sends data as far as both windows allow, reading window updates in between. */
  void send(Http2Stream stream, byte[] data, boolean last, Deadline deadline) throws IOException {
    int sent = 0;
    do {
      int size = 0;
      if (data.length > 0) {
        awaitWindow(stream, deadline);
        size = claimWindow(stream, data.length - sent);
        if (size == 0) {
          if (stream.ended() || deadline.expired()) {
            return; // the caller finds out why when it receives
          }
          continue;
        }
      }
      synchronized (out) {
        boolean end = last && sent + size == data.length;
        frame(out, size, DATA, end ? END_STREAM : 0, stream.id);
        out.put(data, sent, size);
        flush();
      }
      sent += size;
    } while (sent < data.length);
  }

  private synchronized int claimWindow(Http2Stream stream, int wanted) {
    long allowed = Math.min(sendWindowBytes, stream.sendWindowBytes);
    int size = (int) Math.min(Math.min(wanted, peerMaxFrameBytes), Math.max(0, allowed));
    sendWindowBytes -= size;
    stream.sendWindowBytes -= size;
    return size;
  }

  /** Tells the peer that nobody waits for this stream any more. */
  void cancel(Http2Stream stream) {
    synchronized (this) {
      if (streams.remove(stream.id) == null || failure != null) {
        return;
      }
    }
    try {
      synchronized (out) {
        frame(out, 4, RST_STREAM, 0, stream.id);
        out.putInt32(CANCEL);
        flush();
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  private void flush() throws IOException {
    synchronized (out) {
      transport.write(out.array(), out.arrayOffset(), out.size());
      out.clear();
    }
  }

  /** Returns when the stream has something to say, the connection broke or time ran out. */
  void await(Http2Stream stream, Deadline deadline) throws IOException {
    awaitCondition(stream, false, deadline);
  }

  private void awaitWindow(Http2Stream stream, Deadline deadline) throws IOException {
    awaitCondition(stream, true, deadline);
  }

  private void awaitCondition(Http2Stream stream, boolean forWindow, Deadline deadline)
      throws IOException {
    while (true) {
      synchronized (this) {
        if (stream.ended()
            || (forWindow && sendWindowBytes > 0 && stream.sendWindowBytes > 0)
            || (!forWindow && stream.hasNews())) {
          return;
        }
        if (failure != null) {
          throw failure;
        }
        if (deadline.expired()) {
          return;
        }
        if (reading) {
          try {
            wait(deadline.finite() ? deadline.remainingMillis() : 0);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
          }
          continue;
        }
        reading = true;
      }
      try {
        readFrame(deadline);
      } catch (SocketTimeoutException e) {
        // Either the deadline, which the loop looks at, or time to ask whether the peer is alive.
      } catch (IOException e) {
        fail(e);
      } finally {
        synchronized (this) {
          reading = false;
          notifyAll();
        }
      }
    }
  }

  private synchronized void fail(IOException e) {
    if (failure == null) {
      failure = e;
    }
    notifyAll();
  }

  // ---- reading, by the one thread that holds the role ----

  private void readFrame(Deadline deadline) throws IOException {
    fill(FRAME_HEADER_BYTES, deadline);
    int length = in.int32(0) >>> 8;
    if (length > OUR_MAX_FRAME_BYTES) {
      throw new IOException("http2: frame too large");
    }
    // Only a complete frame is consumed: a timeout in its middle loses nothing.
    fill(FRAME_HEADER_BYTES + length, deadline);
    int type = in.get(3) & 0xff;
    int flags = in.get(4) & 0xff;
    int streamId = in.int32(5) & 0x7fffffff;
    in.skip(FRAME_HEADER_BYTES);
    dispatch(type, flags, streamId, in.take(length));
  }

  private void fill(int wanted, Deadline deadline) throws IOException {
    while (in.size() < wanted) {
      Deadline patience =
          deadline.orAfterMillis(pingOutstanding ? pingTimeoutMillis : pingIdleMillis);
      int offset = in.room(OUR_MAX_FRAME_BYTES);
      int count;
      try {
        count = transport.read(in.array(), offset, OUR_MAX_FRAME_BYTES, patience.remainingMillis());
      } catch (SocketTimeoutException e) {
        if (!deadline.expired()) {
          askWhetherThePeerIsAlive();
        }
        throw e;
      }
      if (count < 0) {
        throw new EOFException("EOF");
      }
      in.added(count);
      pingOutstanding = false; // any byte is a sign of life
    }
  }

  private void askWhetherThePeerIsAlive() throws IOException {
    if (pingOutstanding) {
      throw new IOException("keepalive ping failed to receive ACK within timeout");
    }
    pingOutstanding = true;
    synchronized (out) {
      frame(out, 8, PING, 0, 0);
      out.putInt32(0).putInt32(0);
      flush();
    }
  }

  private void dispatch(int type, int flags, int streamId, byte[] payload) throws IOException {
    switch (type) {
      case DATA -> onData(flags, streamId, payload);
      case HEADERS -> onHeaders(flags, streamId, payload);
      case CONTINUATION -> onHeaderFragment(flags, streamId, payload, 0, payload.length);
      case RST_STREAM -> onReset(streamId, payload);
      case SETTINGS -> onSettings(flags, payload);
      case PING -> onPing(flags, payload);
      case GOAWAY -> onGoAway(payload);
      case WINDOW_UPDATE -> onWindowUpdate(streamId, payload);
      case PUSH_PROMISE -> throw new IOException("http2: push was not enabled");
      default -> {} // PRIORITY, and whatever later standards add (RFC 9113, 5.5)
    }
  }

  private void onData(int flags, int streamId, byte[] payload) throws IOException {
    int offset = (flags & PADDED) != 0 ? 1 : 0;
    int length = payload.length - offset - padding(flags, payload);
    boolean end = (flags & END_STREAM) != 0;
    synchronized (this) {
      Http2Stream stream = streams.get(streamId);
      if (stream != null) {
        stream.received.put(payload, offset, length);
        if (end) {
          end(stream);
        }
      }
    }
    if (payload.length > 0) {
      synchronized (out) {
        windowUpdate(out, 0, payload.length);
        if (!end) {
          windowUpdate(out, streamId, payload.length);
        }
        flush();
      }
    }
  }

  private void onHeaders(int flags, int streamId, byte[] payload) throws IOException {
    headerBlock.clear();
    headerBlockFlags = flags;
    int offset = ((flags & PADDED) != 0 ? 1 : 0) + ((flags & PRIORITY) != 0 ? 5 : 0);
    int length = payload.length - offset - padding(flags, payload);
    if (length < 0) {
      throw new IOException("http2: padding exceeds the frame");
    }
    onHeaderFragment(flags, streamId, payload, offset, length);
  }

  private void onHeaderFragment(int flags, int streamId, byte[] payload, int offset, int length)
      throws IOException {
    headerBlock.put(payload, offset, length);
    if ((flags & END_HEADERS) == 0) {
      return;
    }
    // Decoded even for a stream that is gone: the dynamic table must stay in step.
    List<Hpack.Header> headers = hpack.read(headerBlock.take(headerBlock.size()));
    synchronized (this) {
      Http2Stream stream = streams.get(streamId);
      if (stream != null) {
        stream.addHeaders(headers);
        if ((headerBlockFlags & END_STREAM) != 0) {
          end(stream);
        }
      }
    }
  }

  private static int padding(int flags, byte[] payload) throws IOException {
    int padding = (flags & PADDED) != 0 && payload.length > 0 ? payload[0] & 0xff : 0;
    if (padding >= payload.length && padding > 0) {
      throw new IOException("http2: padding exceeds the frame");
    }
    return padding;
  }

  private synchronized void onReset(int streamId, byte[] payload) throws IOException {
    Http2Stream stream = streams.get(streamId);
    if (stream != null) {
      stream.resetCode = number(payload, 0, 4);
      end(stream);
    }
  }

  private void onSettings(int flags, byte[] payload) throws IOException {
    if ((flags & ACK) != 0) {
      return;
    }
    synchronized (this) {
      for (int i = 0; i + 6 <= payload.length; i += 6) {
        int value = number(payload, i + 2, 4);
        switch (number(payload, i, 2)) {
          case SETTINGS_INITIAL_WINDOW_SIZE -> {
            for (Http2Stream stream : streams.values()) {
              stream.sendWindowBytes += value - peerStreamWindowBytes; // RFC 9113, 6.9.2
            }
            peerStreamWindowBytes = value;
          }
          case SETTINGS_MAX_FRAME_SIZE -> peerMaxFrameBytes = value;
          default -> {} // the rest limits what we never do
        }
      }
    }
    synchronized (out) {
      frame(out, 0, SETTINGS, ACK, 0);
      flush();
    }
  }

  private void onPing(int flags, byte[] payload) throws IOException {
    if ((flags & ACK) == 0) {
      synchronized (out) {
        frame(out, payload.length, PING, ACK, 0);
        out.put(payload);
        flush();
      }
    }
  }

  private synchronized void onGoAway(byte[] payload) throws IOException {
    goingAway = true;
    int lastStreamId = number(payload, 0, 4) & 0x7fffffff;
    for (Http2Stream stream : List.copyOf(streams.values())) {
      if (stream.id > lastStreamId) { // the peer promises that it has not looked at these
        stream.refused = true;
        end(stream);
      }
    }
  }

  private synchronized void onWindowUpdate(int streamId, byte[] payload) throws IOException {
    int increment = number(payload, 0, 4) & 0x7fffffff;
    if (streamId == 0) {
      sendWindowBytes += increment;
      return;
    }
    Http2Stream stream = streams.get(streamId);
    if (stream != null) {
      stream.sendWindowBytes += increment;
    }
  }

  private synchronized void end(Http2Stream stream) {
    stream.end();
    streams.remove(stream.id);
  }

  private static int number(byte[] payload, int offset, int length) throws IOException {
    if (offset + length > payload.length) {
      throw new IOException("http2: frame too short");
    }
    int value = 0;
    for (int i = offset; i < offset + length; i++) {
      value = (value << 8) | (payload[i] & 0xff);
    }
    return value;
  }

  // ---- frames ----

  private static void frame(Bytes out, int length, int type, int flags, int streamId) {
    out.putInt24(length).put(type).put(flags).putInt32(streamId);
  }

  private static void windowUpdate(Bytes out, int streamId, int increment) {
    frame(out, 4, WINDOW_UPDATE, 0, streamId);
    out.putInt32(increment);
  }

  @Override
  public void close() {
    fail(new IOException("connection closed"));
    try {
      transport.close();
    } catch (IOException e) {
      // Nothing is left to lose: every answer that mattered has been read.
    }
  }
}
