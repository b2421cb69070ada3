package io.etcdj.ctl.rpc;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What has arrived for one stream. Owned by its connection, whose monitor guards every field. */
final class Http2Stream {
  final int id;
  final Bytes received = new Bytes(256);
  long sendWindowBytes;
  int resetCode;
  boolean refused;

  private final List<Hpack.Header> headers = new ArrayList<>();
  private boolean ended;
  private int seenBytes;

  Http2Stream(int id, int sendWindowBytes) {
    this.id = id;
    this.sendWindowBytes = sendWindowBytes;
  }

  /** Response headers and trailers land in one list: gRPC gives them distinct names. */
  void addHeaders(List<Hpack.Header> more) {
    headers.addAll(more);
  }

  @Nullable String header(String name) {
    for (int i = 0; i < headers.size(); i++) {
      if (headers.get(i).name().equals(name)) {
        return headers.get(i).value();
      }
    }
    return null;
  }

  void end() {
    ended = true;
  }

  boolean ended() {
    return ended;
  }

  /** Whether bytes have come since the owner last looked, or nothing more will come. */
  boolean hasNews() {
    return ended || received.size() > seenBytes;
  }

  /** The owner has looked at everything received so far and needs more to go on. */
  void markSeen() {
    seenBytes = received.size();
  }
}
