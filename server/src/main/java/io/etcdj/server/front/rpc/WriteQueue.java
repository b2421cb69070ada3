package io.etcdj.server.front.rpc;

/**
 * How much a call has sent that its socket has not taken yet. One writer, the event loop; any
 * thread may read {@link #pendingBytes}.
 *
 * <p>Full above 64 KiB, so that ten thousand clients that do not read cost hundreds of megabytes
 * and not all of the memory; room again at half of that, so that a sender is not woken for each
 * frame.
 */
public final class WriteQueue {
  private static final long FULL_BYTES = 64 * 1024;

  private volatile long pendingBytes;
  private boolean full;

  /** Bytes were handed to the transport. Returns whether this made the queue full. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  public boolean grow(long bytes) {
    pendingBytes += bytes;
    boolean becomesFull = !full && pendingBytes > FULL_BYTES;
    full |= becomesFull;
    return becomesFull;
  }

  /** The socket took bytes, or nobody will. Returns whether a full queue has room again by this. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  public boolean shrink(long bytes) {
    pendingBytes -= bytes;
    boolean becomesFree = full && pendingBytes <= FULL_BYTES / 2;
    full &= !becomesFree;
    return becomesFree;
  }

  public boolean full() {
    return full;
  }

  public long pendingBytes() {
    return pendingBytes;
  }
}
