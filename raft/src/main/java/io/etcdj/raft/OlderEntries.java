package io.etcdj.raft;

import io.etcdj.api.raftpb.Entry;
import java.util.List;

/**
 * Entries that memory has let go of but that can be read again, for a member that lags far behind.
 *
 * <p>They go on without a gap to the last entry that was saved.
 */
public interface OlderEntries {
  /** There are none. */
  OlderEntries NONE =
      new OlderEntries() {
        @Override
        public long firstIndex() {
          return Long.MAX_VALUE;
        }

        @Override
        public long firstWithin(long maxBytes) {
          return Long.MAX_VALUE;
        }

        @Override
        public long term(long index) {
          throw new LogCompactedException(index, firstIndex());
        }

        @Override
        public List<Entry> entries(long lo, long hi, long maxBytes) {
          throw new LogCompactedException(lo, firstIndex());
        }

        @Override
        public void compact(long index) {}
      };

  /** The first of them; {@link Long#MAX_VALUE} if there are none. */
  long firstIndex();

  /** From about where on they take no more than {@code maxBytes} where they are kept. */
  long firstWithin(long maxBytes);

  /** The term of the entry at {@code index}, which may be {@code firstIndex() - 1}. */
  long term(long index);

  /**
   * As {@link LogStorage#entries}.
   *
   * @throws LogCompactedException when they cannot be read after all; then there are none any more
   */
  List<Entry> entries(long lo, long hi, long maxBytes);

  /** Forgets them up to and including {@code index}. */
  void compact(long index);
}
