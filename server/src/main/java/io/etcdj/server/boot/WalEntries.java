package io.etcdj.server.boot;

import io.etcdj.api.raftpb.Entry;
import io.etcdj.raft.LogCompactedException;
import io.etcdj.raft.OlderEntries;
import io.etcdj.server.log.Log;
import io.etcdj.storage.wal.Wal;
import java.io.IOException;
import java.util.List;

/** The log's older entries, read from the disk again. */
record WalEntries(Wal wal, Log log) implements OlderEntries {
  @Override
  public long firstIndex() {
    return wal.firstReadable();
  }

  @Override
  public long firstWithin(long maxBytes) {
    return wal.firstReadableWithin(maxBytes);
  }

  @Override
  public long term(long index) {
    return wal.term(index);
  }

  @Override
  public List<Entry> entries(long lo, long hi, long maxBytes) {
    try {
      return wal.entries(lo, hi, maxBytes);
    } catch (IOException e) {
      log.error("failed to read entries of the log again", "index", lo, "error", e);
      wal.forget(Long.MAX_VALUE);
      throw new LogCompactedException(lo, wal.firstReadable());
    }
  }

  @Override
  public void compact(long index) {
    wal.forget(index);
  }
}
