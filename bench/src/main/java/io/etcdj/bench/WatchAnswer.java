package io.etcdj.bench;

import io.netty.buffer.ByteBuf;

/**
 * Finds what matters in an encoded WatchResponse without making objects of it.
 *
 * <p>Ten thousand watchers are ten thousand of these per event, on the server's own machine.
 */
final class WatchAnswer {
  private static final int RESPONSE_CREATED = 3;
  private static final int RESPONSE_CANCELED = 4;
  private static final int RESPONSE_EVENTS = 11;
  private static final int EVENT_KV = 2;
  private static final int KV_VALUE = 5;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;

  /** Gets what an answer tells. */
  interface Reader {
    void created();

    void canceled();

    /** An event's value, valid only during this method. */
    void event(ByteBuf value);
  }

  private WatchAnswer() {}

  static void read(ByteBuf response, Reader reader) {
    while (response.isReadable()) {
      int tag = (int) varint(response);
      switch (tag >>> 3) {
        case RESPONSE_CREATED -> {
          if (varint(response) != 0) {
            reader.created();
          }
        }
        case RESPONSE_CANCELED -> {
          if (varint(response) != 0) {
            reader.canceled();
          }
        }
        case RESPONSE_EVENTS -> reader.event(field(field(nested(response), EVENT_KV), KV_VALUE));
        default -> skip(response, tag);
      }
    }
  }

  /** The bytes of one field of a message; empty if it is not there. */
  private static ByteBuf field(ByteBuf message, int number) {
    while (message.isReadable()) {
      int tag = (int) varint(message);
      if (tag >>> 3 == number) {
        return nested(message);
      }
      skip(message, tag);
    }
    return message;
  }

  private static ByteBuf nested(ByteBuf in) {
    return in.readSlice((int) varint(in));
  }

  private static void skip(ByteBuf in, int tag) {
    switch (tag & 7) {
      case VARINT -> varint(in);
      case FIXED64 -> in.skipBytes(Long.BYTES);
      case LENGTH_DELIMITED -> in.skipBytes((int) varint(in));
      case FIXED32 -> in.skipBytes(Integer.BYTES);
      default -> throw new IllegalArgumentException("unknown wire type in tag " + tag);
    }
  }

  private static long varint(ByteBuf in) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte octet = in.readByte();
      value |= (octet & 0x7fL) << shift;
      if (octet >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("varint of more than ten bytes");
  }
}
