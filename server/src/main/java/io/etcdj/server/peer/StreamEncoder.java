package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;

/** Turns the messages of one stream into bytes. May remember what went before. */
interface StreamEncoder {
  void encode(Message message, FrameBuffer out);

  /** A sign of life. */
  void heartbeat(FrameBuffer out);
}
