package io.etcdj.server.member;

import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Messages of other members on their way to the core.
 *
 * <p>A member that is sent entries faster than it applies them, say while it puts a database in its
 * place, would collect them in its memory without end. While it lags, appends wait here unanswered;
 * and as a leader sends only so many ahead of the answers, the rest stays with it. What it tries
 * again meanwhile is dropped. To the core that is a slow network, and heartbeats go on.
 */
final class Inbox {
  /** Bytes of messages that may wait; beyond, they are dropped as if the network had lost them. */
  private static final long MAX_BYTES = 256L << 20;

  /** Bytes of appends that may wait for the member to lag no more; beyond, they are dropped. */
  private static final long MAX_HELD_BYTES = 32L << 20;

  /** What a message counts for beside its entries, so that small ones are bounded too. */
  private static final int MESSAGE_BYTES = 256;

  private final BooleanSupplier lags;
  private final Queue<Message> fresh = new ConcurrentLinkedQueue<>();

  /** Appends that wait for the member to lag no more, in the order in which they came. */
  private final Queue<Message> held = new ConcurrentLinkedQueue<>();

  /** The last of them. Its owner is in the loop. */
  private Message lastHeld = Message.getDefaultInstance();

  private long heldBytes;

  private final AtomicLong bytes = new AtomicLong();

  /**
   * @param lags whether much is committed that is not yet applied; asked again at each turn
   */
  Inbox(BooleanSupplier lags) {
    this.lags = lags;
  }

  static long bytes(Message message) {
    long bytes = MESSAGE_BYTES;
    for (int i = 0; i < message.getEntriesCount(); i++) {
      bytes += message.getEntries(i).getData().size();
    }
    return bytes;
  }

  /** Any thread. */
  void add(Message message) {
    long added = bytes(message);
    if (bytes.addAndGet(added) > MAX_BYTES) {
      bytes.addAndGet(-added);
    } else {
      fresh.add(message);
    }
  }

  /** Whether nothing waits, not even for the member to lag no more. Any thread. */
  boolean isEmpty() {
    return fresh.isEmpty() && held.isEmpty();
  }

  /**
   * Whether a message has to stay here. Appends keep their order: one that comes before those that
   * it builds on would be refused. Who is in the loop.
   */
  boolean mustWait(Message message) {
    return message.getType() == MessageType.MsgApp && (!held.isEmpty() || lags.getAsBoolean());
  }

  /**
   * Hands over all that is here by now and need not wait any longer. What comes meanwhile is left
   * for the next time, else a flood would keep the loop from ever answering. Who is in the loop.
   */
  void passTo(Consumer<Message> core) {
    while (!held.isEmpty() && !lags.getAsBoolean()) {
      core.accept(release());
    }
    long left = bytes.get();
    while (left > 0) {
      Message message = fresh.poll();
      if (message == null) {
        return; // counted, but not here yet: whoever brings it wakes the loop
      }
      long taken = bytes(message);
      left -= taken;
      bytes.addAndGet(-taken);
      if (message.getTerm() > lastHeld.getTerm()) {
        dropHeld(); // their leader is none any more
      }
      if (mustWait(message)) {
        hold(message);
      } else {
        core.accept(message);
      }
    }
  }

  private void hold(Message append) {
    boolean saysNothing = append.getEntriesCount() == 0;
    boolean isRepeated =
        append.getIndex() == lastHeld.getIndex()
            && append.getEntriesCount() == lastHeld.getEntriesCount();
    if (!held.isEmpty() && (saysNothing || isRepeated)) {
      return; // a leader that gets no answer tries again and again
    }
    if (heldBytes + bytes(append) <= MAX_HELD_BYTES) {
      heldBytes += bytes(append);
      lastHeld = append;
      held.add(append);
    }
  }

  private Message release() {
    Message append = held.remove();
    heldBytes -= bytes(append);
    if (held.isEmpty()) {
      lastHeld = Message.getDefaultInstance();
    }
    return append;
  }

  private void dropHeld() {
    held.clear();
    heldBytes = 0;
    lastHeld = Message.getDefaultInstance();
  }
}
