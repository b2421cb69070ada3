package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Message;

/**
 * Writes the msgapp stream ("v2").
 *
 * <p>Both ends remember the term of the last message and the index of its last entry. A message
 * that goes on from there is written without either:
 *
 * <pre>
 *   0                                              sign of life
 *   1 count (size entry)* commit                   goes on where the last one ended
 *   2 size message                                 anything else; both ends start from it
 * </pre>
 *
 * <p>Numbers have eight bytes, the highest first.
 */
final class MsgAppEncoder implements StreamEncoder {
  static final int HEARTBEAT = 0;
  static final int ENTRIES = 1;
  static final int MESSAGE = 2;

  private long term;
  private long index;

  @Override
  public void encode(Message message, FrameBuffer out) {
    boolean goesOn =
        message.getIndex() == index
            && message.getLogTerm() == term
            && message.getLogTerm() == message.getTerm();
    int count = message.getEntriesCount();
    if (goesOn) {
      out.putByte(ENTRIES);
      out.putLong(count);
      for (Entry entry : message.getEntriesList()) {
        out.putFramed(entry);
      }
      out.putLong(message.getCommit());
      index += count;
    } else {
      out.putByte(MESSAGE);
      out.putFramed(message);
      term = message.getTerm();
      index = lastIndex(message);
    }
  }

  @Override
  public void heartbeat(FrameBuffer out) {
    out.putByte(HEARTBEAT);
  }

  static long lastIndex(Message message) {
    int count = message.getEntriesCount();
    return count == 0 ? message.getIndex() : message.getEntries(count - 1).getIndex();
  }
}
