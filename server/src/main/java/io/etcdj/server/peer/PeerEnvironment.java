package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import io.etcdj.server.log.Log;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What every channel to every peer has in common. */
record PeerEnvironment(
    Vertx vertx,
    PeerHeaders headers,
    PeerTiming timing,
    PeerClient client,
    PeerReceiver receiver,
    PeerMetrics metrics,
    Executor workers,
    Log log) {

  /** Why a message is not taken. */
  enum Refusal {
    REMOVED("cannot process message from removed member"),
    MISMATCH("cannot process message to mismatch member");

    private final String text;

    Refusal(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** What went wrong, in words; some exceptions of the network have none of their own. */
  static String reason(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }

  /** What became of a message: null if it was taken. */
  @Nullable Refusal receive(Message message) {
    Refusal refusal = refusal(message);
    if (refusal == null && RaftMessages.travels(message.getType())) {
      receiver.receive(List.of(message));
    }
    return refusal;
  }

  /** Takes messages that came at once, but for those that are refused. */
  void receive(List<Message> messages) {
    List<Message> taken = new ArrayList<>(messages.size());
    for (Message message : messages) {
      if (refusal(message) == null && RaftMessages.travels(message.getType())) {
        taken.add(message);
      }
    }
    if (!taken.isEmpty()) {
      receiver.receive(taken);
    }
  }

  private @Nullable Refusal refusal(Message message) {
    if (receiver.isRemoved(message.getFrom())) {
      log.warn(
          "rejected Raft message from removed member",
          "local-member-id",
          headers.localId(),
          "removed-member-id",
          PeerHeaders.hex(message.getFrom()));
      return Refusal.REMOVED;
    }
    if (message.getTo() != headers.self().memberId()) {
      log.warn(
          "rejected Raft message to mismatch member",
          "local-member-id",
          headers.localId(),
          "mismatch-member-id",
          PeerHeaders.hex(message.getTo()));
      return Refusal.MISMATCH;
    }
    return null;
  }

  /** The cluster removed this member; says so once per peer that says so. */
  void removedHere() {
    log.error(
        "the member has been permanently removed from the cluster",
        "local-member-id",
        headers.localId());
    receiver.removedHere();
  }
}
