package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import java.util.function.Consumer;

/** Turns the bytes of one stream into messages, however they are cut. */
interface StreamDecoder {
  /**
   * Takes what came, and hands on the messages that are complete, signs of life among them.
   *
   * @throws BadStreamException if this is no such stream; feed it nothing more then
   */
  void feed(byte[] chunk, Consumer<Message> messages) throws BadStreamException;
}
