package io.etcdj.bench.h2;

import io.netty.buffer.ByteBuf;

/** HTTP/2 frames on their way out (RFC 9113, sections 4 and 6) and their numbers. */
final class Frames {
  static final int HEADER_BYTES = 9;

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 0x1;
  static final int ACK = 0x1;
  static final int END_HEADERS = 0x4;
  static final int PADDED = 0x8;
  static final int PRIORITY = 0x20;

  static final int SETTING_HEADER_TABLE_SIZE = 1;
  static final int SETTING_ENABLE_PUSH = 2;
  static final int SETTING_MAX_CONCURRENT_STREAMS = 3;
  static final int SETTING_INITIAL_WINDOW_SIZE = 4;
  static final int SETTING_MAX_FRAME_SIZE = 5;

  /** The windows that both sides start with. */
  static final int DEFAULT_WINDOW = 65_535;

  static final int MAX_WINDOW = Integer.MAX_VALUE;
  static final int DEFAULT_MAX_FRAME = 16_384;

  /** The length prefix of a gRPC message and its compression flag. */
  static final int GRPC_PREFIX_BYTES = 5;

  private Frames() {}

  static void header(ByteBuf out, int length, int type, int flags, int streamId) {
    out.writeMedium(length).writeByte(type).writeByte(flags).writeInt(streamId);
  }

  static void headers(ByteBuf out, int streamId, byte[] block) {
    header(out, block.length, HEADERS, END_HEADERS, streamId);
    out.writeBytes(block);
  }

  /** A whole gRPC message in one frame. */
  static void message(ByteBuf out, int streamId, byte[] message, boolean last) {
    header(out, GRPC_PREFIX_BYTES + message.length, DATA, last ? END_STREAM : 0, streamId);
    out.writeByte(0).writeInt(message.length).writeBytes(message);
  }

  static void settings(ByteBuf out, int... idsAndValues) {
    header(out, idsAndValues.length / 2 * 6, SETTINGS, 0, 0);
    for (int i = 0; i < idsAndValues.length; i += 2) {
      out.writeShort(idsAndValues[i]).writeInt(idsAndValues[i + 1]);
    }
  }

  static void windowUpdate(ByteBuf out, int streamId, int bytes) {
    header(out, 4, WINDOW_UPDATE, 0, streamId);
    out.writeInt(bytes);
  }
}
