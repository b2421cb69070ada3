package io.etcdj.bench.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** A call whose answers are wanted as whole messages. */
public abstract class StreamCall extends Call {
  private static final int PREFIX_BYTES = 5;

  /** The beginning of a message whose rest is still under way. */
  private @Nullable ByteBuf partial;

  /** Gets one message without its prefix, valid only during this method. */
  protected abstract void onMessage(ByteBuf message);

  @Override
  protected final void onData(ByteBuf data) {
    if (partial == null) {
      takeMessages(data);
      if (data.isReadable()) {
        partial = Unpooled.buffer().writeBytes(data);
      }
    } else {
      partial.writeBytes(data);
      takeMessages(partial);
      if (!partial.isReadable()) {
        partial = null;
      }
    }
  }

  private void takeMessages(ByteBuf from) {
    while (from.readableBytes() >= PREFIX_BYTES) {
      int length = from.getInt(from.readerIndex() + 1);
      if (from.readableBytes() - PREFIX_BYTES < length) {
        return;
      }
      from.skipBytes(PREFIX_BYTES);
      int end = from.readerIndex() + length;
      onMessage(from.slice(from.readerIndex(), length));
      from.readerIndex(end);
    }
  }
}
