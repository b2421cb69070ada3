package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;

/** The two streams that a member opens to each other member. */
enum StreamKind {
  /** Entries from the leader, in a form that leaves out what follows from what came before. */
  MSGAPP("msgapp", "stream MsgApp v2"),
  /** Everything else. */
  MESSAGE("message", "stream Message");

  static final String PATH = "/raft/stream/";

  /** The largest message that is taken from a stream. */
  static final int MAX_MESSAGE_BYTES = 512 << 20;

  private final String segment;
  private final String text;

  StreamKind(String segment, String text) {
    this.segment = segment;
    this.text = text;
  }

  /** Where it is served, for the member that wants it. */
  String path(String wantedBy) {
    return PATH + segment + '/' + wantedBy;
  }

  String segment() {
    return segment;
  }

  /** Whether this is where a message of the type belongs. */
  boolean isFor(MessageType type) {
    return (type == MessageType.MsgApp) == (this == MSGAPP);
  }

  StreamEncoder encoder() {
    return this == MSGAPP ? new MsgAppEncoder() : new MessageEncoder();
  }

  StreamDecoder decoder(long localId, long remoteId) {
    return this == MSGAPP
        ? new MsgAppDecoder(localId, remoteId)
        : new MessageDecoder(MAX_MESSAGE_BYTES);
  }

  /** As etcd's log names it. */
  @Override
  public String toString() {
    return text;
  }

  /** A message after the other, each behind its length. */
  private static final class MessageEncoder implements StreamEncoder {
    @Override
    public void encode(Message message, FrameBuffer out) {
      out.putFramed(message);
    }

    @Override
    public void heartbeat(FrameBuffer out) {
      out.putFramed(RaftMessages.LINK_HEARTBEAT);
    }
  }
}
