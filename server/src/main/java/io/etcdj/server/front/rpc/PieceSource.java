package io.etcdj.server.front.rpc;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdException;

/** The encoding of one large message, handed over piece by piece as the client reads. */
public interface PieceSource {
  /**
   * Asks for the next piece. Called on the call's event loop, never again before the last piece was
   * delivered, and never after the announced length is reached; must not block.
   */
  void next(Sink sink);

  /** Called once, on the event loop, when the message is sent or nobody wants it any more. */
  void close();

  /** Takes one piece, or the news that there is none. Any thread. */
  interface Sink {
    /** One piece, best of about 64 KiB. */
    void piece(ByteString bytes);

    /** The source is broken. Too late for a refusal: the client sees its call reset. */
    void fail(EtcdException reason);
  }
}
