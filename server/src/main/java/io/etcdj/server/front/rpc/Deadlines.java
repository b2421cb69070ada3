package io.etcdj.server.front.rpc;

import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/**
 * The deadlines of one event loop's calls: a wheel of 10 ms slots.
 *
 * <p>Most calls carry a deadline of seconds and are answered within a millisecond, so that setting
 * and dropping one must cost next to nothing: both link or unlink a node. A deadline fires at most
 * two slots late, never early. Confined to its loop.
 *
 * <p>Source: hashed timing wheels, Varghese and Lauck 1987, scheme 6.
 */
final class Deadlines {
  private static final long SLOT_MILLIS = 10;
  private static final long SLOT_NANOS = SLOT_MILLIS * 1_000_000;
  private static final int SLOTS = 512;

  /** One call's place on the wheel; the head of each slot is one too, without a call. */
  static final class Entry {
    private final @Nullable Runnable expire;
    private final long tick;
    private Entry previous = this;
    private Entry next = this;

    private Entry(@Nullable Runnable expire, long tick) {
      this.expire = expire;
      this.tick = tick;
    }
  }

  private final Vertx vertx;
  private final long originNanos = System.nanoTime();
  private final Entry[] slots = new Entry[SLOTS];
  private int size;
  private long lastTick;
  private long timer = -1;

  Deadlines(Vertx vertx) {
    this.vertx = vertx;
    for (int i = 0; i < SLOTS; i++) {
      slots[i] = new Entry(null, 0);
    }
  }

  /** Runs {@code expire} on the loop once {@code deadlineNanos} has passed. */
  Entry add(long deadlineNanos, Runnable expire) {
    long now = nowTick();
    long tick = Math.max(now, (deadlineNanos - originNanos) / SLOT_NANOS) + 1;
    if (size == 0) {
      lastTick = now;
    }
    Entry entry = new Entry(expire, tick);
    Entry head = slots[(int) (tick % SLOTS)];
    entry.previous = head.previous;
    entry.next = head;
    head.previous.next = entry;
    head.previous = entry;
    size++;
    if (timer < 0) {
      timer = vertx.setPeriodic(SLOT_MILLIS, unused -> turn());
    }
    return entry;
  }

  void remove(Entry entry) {
    if (entry.next == entry) {
      return; // fired or removed before
    }
    entry.previous.next = entry.next;
    entry.next.previous = entry.previous;
    entry.previous = entry;
    entry.next = entry;
    size--;
  }

  private void turn() {
    long now = nowTick();
    // A loop that was held up for more than a turn of the wheel visits each slot once.
    long from = Math.max(lastTick + 1, now - SLOTS + 1);
    lastTick = now;
    for (long tick = from; tick <= now; tick++) {
      fire(slots[(int) (tick % SLOTS)], now);
    }
    if (size == 0) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }

  private void fire(Entry head, long now) {
    // Firing may remove any entry of the slot, so the walk starts anew after each; what stays are
    // entries of later turns.
    Entry entry = head.next;
    while (entry != head) {
      Entry following = entry.next;
      if (entry.tick <= now && entry.expire != null) {
        remove(entry);
        entry.expire.run();
        following = head.next;
      }
      entry = following;
    }
  }

  private long nowTick() {
    return (System.nanoTime() - originNanos) / SLOT_NANOS;
  }
}
