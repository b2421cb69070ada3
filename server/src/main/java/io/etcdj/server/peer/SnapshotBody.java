package io.etcdj.server.peer;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The bytes of a database on their way to another member. Pulled by one worker at a time. */
public interface SnapshotBody extends AutoCloseable {
  /**
   * The next piece, some hundred KB that are worth the way to the network, or null at the end. It
   * is the caller's until {@link #done}.
   *
   * @throws IOException if the database cannot be read; the transfer has failed then
   */
  @Nullable ByteBuffer next() throws IOException;

  /** The network has this piece: its memory may hold another. Any thread. */
  default void done(ByteBuffer piece) {}

  /**
   * Called once, whatever came of the transfer; perhaps while a worker waits in {@link #next},
   * which must end then. What it says from now on is not sent.
   */
  @Override
  void close();
}
