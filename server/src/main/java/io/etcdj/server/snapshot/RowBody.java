package io.etcdj.server.snapshot;

import io.etcdj.server.peer.SnapshotBody;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.rows.RowWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a view on their way to a member of our own kind, straight from the database: {@link
 * #produce} runs on one worker, and waits while every piece is still on its way to the network.
 *
 * <p>A few pieces of memory outside the heap go round: a database of any size leaves no garbage
 * behind, whose collection would delay everybody's requests.
 */
final class RowBody implements SnapshotBody, RowWriter.Sink {
  private static final int PIECES = 8;

  /** The loop that sends this also sends log entries: it is not to be busy for long at a time. */
  private static final int PIECE_BYTES = 128 << 10;

  /** The log may grow meanwhile, and the pace with it. */
  private static final long MAX_NAP_MILLIS = 20;

  private final Pace pace;
  private final Runnable closing;
  private final ArrayDeque<ByteBuffer> queue = new ArrayDeque<>();
  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
  private int made;
  private long takenBytes;
  private boolean ended;
  private @Nullable Throwable failure;
  private boolean closed;

  /**
   * @param closing told once, when the body is closed
   */
  RowBody(Pace pace, Runnable closing) {
    this.pace = pace;
    this.closing = closing;
  }

  /** Thrown through the scan of the view when nobody wants its rows any more. */
  private static final class Abandoned extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Abandoned() {
      super("the transfer is over", null, false, false);
    }
  }

  /** Hands over all rows; returns when the last is taken into the queue, or nobody wants more. */
  void produce(Backend.TableView tables) {
    try {
      RowWriter.write(tables, this);
      end(null);
    } catch (Abandoned e) {
      // closed: nobody is told
    } catch (RuntimeException | Error e) {
      end(e);
    }
  }

  @Override
  public synchronized ByteBuffer room() {
    try {
      while (free.isEmpty() && made == PIECES && !closed) {
        wait();
      }
      for (long ahead = pace.aheadNanos(takenBytes);
          ahead > 0 && !closed;
          ahead = pace.aheadNanos(takenBytes)) {
        wait(Math.min(MAX_NAP_MILLIS, 1 + TimeUnit.NANOSECONDS.toMillis(ahead)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("stopped in the middle", e);
    }
    if (closed) {
      throw new Abandoned();
    }
    ByteBuffer used = free.poll();
    if (used != null) {
      return used.clear();
    }
    made++;
    return ByteBuffer.allocateDirect(PIECE_BYTES);
  }

  @Override
  public synchronized void take(ByteBuffer piece) {
    takenBytes += piece.remaining();
    queue.add(piece);
    notifyAll();
  }

  @Override
  public synchronized void done(ByteBuffer piece) {
    free.add(piece);
    notifyAll();
  }

  private synchronized void end(@Nullable Throwable e) {
    ended = true;
    failure = e;
    notifyAll();
  }

  @Override
  public synchronized @Nullable ByteBuffer next() throws IOException {
    try {
      while (queue.isEmpty() && !ended && !closed) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("stopped while waiting for the database");
    }
    ByteBuffer piece = queue.poll();
    if (piece == null && failure != null) {
      throw new IOException("the database cannot be read: " + failure.getMessage(), failure);
    }
    return piece;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    closing.run();
  }
}
