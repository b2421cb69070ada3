package io.etcdj.server.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Parser;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.io.IOException;

/** What every way of sending Raft messages agrees on. */
final class RaftMessages {
  /** Sent when a stream would be silent. Unset ids are zeros to all readers. */
  static final Message LINK_HEARTBEAT =
      Message.newBuilder().setType(MessageType.MsgHeartbeat).build();

  private RaftMessages() {}

  static boolean isLinkHeartbeat(Message message) {
    return message.getType() == MessageType.MsgHeartbeat
        && message.getFrom() == 0
        && message.getTo() == 0;
  }

  /**
   * Whether members say this to each other. The others a core says to itself: from the network they
   * would let a stranger start elections. A type that we do not know reads as the first of them.
   */
  static boolean travels(MessageType type) {
    return switch (type) {
      case MsgHup,
          MsgBeat,
          MsgUnreachable,
          MsgSnapStatus,
          MsgCheckQuorum,
          MsgStorageAppend,
          MsgStorageAppendResp,
          MsgStorageApply,
          MsgStorageApplyResp,
          MsgForgetLeader ->
          false;
      case MsgProp,
          MsgApp,
          MsgAppResp,
          MsgVote,
          MsgVoteResp,
          MsgSnap,
          MsgHeartbeat,
          MsgHeartbeatResp,
          MsgTransferLeader,
          MsgTimeoutNow,
          MsgReadIndex,
          MsgReadIndexResp,
          MsgPreVote,
          MsgPreVoteResp ->
          true;
    };
  }

  /** Parses without copying the data out: it keeps the bytes it came in. */
  static <M> M parse(Parser<M> parser, ByteString bytes) throws BadStreamException {
    try {
      CodedInputStream in = bytes.newCodedInput();
      in.enableAliasing(true);
      return parser.parseFrom(in);
    } catch (IOException e) {
      throw new BadStreamException("malformed Raft message: " + e.getMessage(), e);
    }
  }

  static long readLong(ByteString bytes) {
    long value = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      value = value << 8 | (bytes.byteAt(i) & 0xff);
    }
    return value;
  }

  /** A length that was announced, if it is one that we take. */
  static int checkLength(long length, int limit) throws BadStreamException {
    if (length < 0 || length > limit) {
      throw new BadStreamException(
          "error limit exceeded: " + Long.toUnsignedString(length) + " bytes announced");
    }
    return (int) length;
  }
}
