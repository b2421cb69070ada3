package io.etcdj.server.peer;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.util.function.Consumer;

/** Reads what {@link MsgAppEncoder} writes. */
final class MsgAppDecoder implements StreamDecoder {
  private enum State {
    /** A byte that says what follows. */
    KIND,
    /** How many entries follow. */
    COUNT,
    /** The size of the next entry, or the commit index if there is none left. */
    ENTRY_SIZE,
    ENTRY,
    COMMIT,
    MESSAGE_SIZE,
    MESSAGE
  }

  private final long localId;
  private final long remoteId;
  private final ByteCollector bytes = new ByteCollector();

  private long term;
  private long index;

  private State state = State.KIND;

  /** How many bytes {@link State} wants. */
  private int wanted = 1;

  private long entriesLeft;
  private long entryBytes;
  private Message.Builder entries = Message.newBuilder();

  MsgAppDecoder(long localId, long remoteId) {
    this.localId = localId;
    this.remoteId = remoteId;
  }

  @Override
  public void feed(byte[] chunk, Consumer<Message> messages) throws BadStreamException {
    bytes.add(chunk);
    for (ByteString b = bytes.take(wanted); b != null; b = bytes.take(wanted)) {
      switch (state) {
        case KIND -> kind(b.byteAt(0), messages);
        case COUNT -> count(RaftMessages.readLong(b));
        case ENTRY_SIZE -> entrySize(RaftMessages.readLong(b));
        case ENTRY -> entry(b);
        case COMMIT -> commit(RaftMessages.readLong(b), messages);
        case MESSAGE_SIZE -> expect(State.MESSAGE, size(RaftMessages.readLong(b)));
        case MESSAGE -> message(b, messages);
      }
    }
  }

  private void expect(State next, int length) {
    state = next;
    wanted = length;
  }

  private void kind(int kind, Consumer<Message> messages) throws BadStreamException {
    switch (kind) {
      case MsgAppEncoder.HEARTBEAT -> messages.accept(RaftMessages.LINK_HEARTBEAT);
      case MsgAppEncoder.ENTRIES -> expect(State.COUNT, Long.BYTES);
      case MsgAppEncoder.MESSAGE -> expect(State.MESSAGE_SIZE, Long.BYTES);
      default ->
          throw new BadStreamException("failed to parse type " + kind + " in msgappv2 stream");
    }
  }

  private void count(long count) throws BadStreamException {
    if (count < 0) {
      throw new BadStreamException("too many entries: " + Long.toUnsignedString(count));
    }
    entriesLeft = count;
    entryBytes = 0;
    entries =
        Message.newBuilder()
            .setType(MessageType.MsgApp)
            .setFrom(remoteId)
            .setTo(localId)
            .setTerm(term)
            .setLogTerm(term)
            .setIndex(index);
    nextEntry();
  }

  private void nextEntry() {
    expect(entriesLeft == 0 ? State.COMMIT : State.ENTRY_SIZE, Long.BYTES);
  }

  private void entrySize(long length) throws BadStreamException {
    int size = size(length);
    entryBytes += Long.BYTES + (long) size; // so that many small ones have an end, too
    RaftMessages.checkLength(entryBytes, StreamKind.MAX_MESSAGE_BYTES);
    expect(State.ENTRY, size);
  }

  private void entry(ByteString bytes) throws BadStreamException {
    entries.addEntries(RaftMessages.parse(Entry.parser(), bytes));
    index++;
    entriesLeft--;
    nextEntry();
  }

  private void commit(long commit, Consumer<Message> messages) {
    Message message = entries.setCommit(commit).build();
    entries = Message.newBuilder();
    expect(State.KIND, 1);
    messages.accept(message);
  }

  private void message(ByteString bytes, Consumer<Message> messages) throws BadStreamException {
    Message message = RaftMessages.parse(Message.parser(), bytes);
    term = message.getTerm();
    index = MsgAppEncoder.lastIndex(message);
    expect(State.KIND, 1);
    messages.accept(message);
  }

  private static int size(long length) throws BadStreamException {
    return RaftMessages.checkLength(length, StreamKind.MAX_MESSAGE_BYTES);
  }
}
