package io.etcdj.server.peer;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.Message;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads messages of which each comes behind its length. */
final class MessageDecoder implements StreamDecoder {
  private static final int UNKNOWN = -1;

  private final int maxBytes;
  private final ByteCollector bytes = new ByteCollector();
  private int length = UNKNOWN;

  MessageDecoder(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public void feed(byte[] chunk, Consumer<Message> messages) throws BadStreamException {
    add(chunk);
    for (Message m = next(); m != null; m = next()) {
      messages.accept(m);
    }
  }

  /** Takes what came; only after {@link #next} has returned null. */
  void add(byte[] chunk) {
    bytes.add(chunk);
  }

  /** The next message, or null until it is there. */
  @Nullable Message next() throws BadStreamException {
    if (length == UNKNOWN) {
      ByteString head = bytes.take(Long.BYTES);
      if (head == null) {
        return null;
      }
      length = RaftMessages.checkLength(RaftMessages.readLong(head), maxBytes);
    }
    ByteString body = bytes.take(length);
    if (body == null) {
      return null;
    }
    length = UNKNOWN;
    return RaftMessages.parse(Message.parser(), body);
  }

  /** What lies behind the last message. */
  byte[] rest() {
    return bytes.rest();
  }
}
