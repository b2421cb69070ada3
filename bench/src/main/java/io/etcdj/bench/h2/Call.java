package io.etcdj.bench.h2;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One gRPC call, from its first frame to its trailers; reusable once it has ended.
 *
 * <p>The fields belong to the {@link Connection} that carries the call.
 */
public abstract class Call {
  int streamId;

  /** How many bytes the server still lets us send on this stream. */
  int window;

  /** Bytes received since the stream's window was last topped up. */
  int unacknowledged;

  /** What the windows have not let through yet. */
  @Nullable ByteBuf unsent;

  boolean lastUnsent;

  /** Gets the bytes of one DATA frame, valid only during this method. */
  protected abstract void onData(ByteBuf data);

  /**
   * The call is over.
   *
   * @param error null for status OK, else the status or what broke, as text
   */
  protected abstract void onEnd(@Nullable String error);
}
