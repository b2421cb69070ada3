package io.etcdj.server.v2;

import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The appends between members that {@code /v2/stats} tells of: how many, how fast, and how long
 * followers take to answer. Counts nothing until somebody can ask. Any thread.
 *
 * <p>A follower's latency is the time from the oldest append that is not answered to the next
 * answer. (etcd 3.4 gives the time that it takes itself to write one to the stream.)
 */
public final class AppendTraffic {
  private final LongSupplier nanoTime;
  private final Map<Long, Follower> followers = new HashMap<>();
  private final Flow sent = new Flow();
  private final Flow received = new Flow();
  private volatile boolean counts;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  public AppendTraffic(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Counts from now on. */
  public void start() {
    counts = true;
  }

  /** A message leaves for another member. */
  public void sent(Message message) {
    if (counts && message.getType() == MessageType.MsgApp) {
      synchronized (this) {
        long now = nanoTime.getAsLong();
        sent.add(now, bytes(message));
        follower(message.getTo()).asked(now);
      }
    }
  }

  /** A message came from another member. */
  public void received(Message message) {
    if (!counts) {
      return;
    }
    if (message.getType() == MessageType.MsgApp) {
      synchronized (this) {
        received.add(nanoTime.getAsLong(), bytes(message));
      }
    } else if (message.getType() == MessageType.MsgAppResp) {
      synchronized (this) {
        follower(message.getFrom()).answered(nanoTime.getAsLong());
      }
    }
  }

  /** Something for that member was lost. */
  public void lost(long memberId) {
    if (counts) {
      synchronized (this) {
        follower(memberId).lost();
      }
    }
  }

  private Follower follower(long id) {
    return followers.computeIfAbsent(id, unused -> new Follower());
  }

  private static long bytes(Message message) {
    long bytes = 0;
    for (Entry entry : message.getEntriesList()) {
      bytes += entry.getData().size();
    }
    return bytes;
  }

  /** Appends in one direction as of now. */
  record Sum(long count, double perSecond, double bytesPerSecond) {}

  synchronized Sum sent() {
    return sent.sum(nanoTime.getAsLong());
  }

  synchronized Sum received() {
    return received.sum(nanoTime.getAsLong());
  }

  /** What one follower was like, times in ms; all 0 of one that was sent nothing. */
  record Latency(
      double current,
      double average,
      double standardDeviation,
      double minimum,
      double maximum,
      long lost,
      long answered) {}

  synchronized Latency latency(long memberId) {
    return followers.getOrDefault(memberId, new Follower()).latency();
  }

  /** The newest appends in one direction. Guarded by the traffic. */
  private static final class Flow {
    private static final int KEPT = 200;
    private static final long STALE_NANOS = 1_000_000_000;

    private final long[] atNanos = new long[KEPT];
    private final long[] bytes = new long[KEPT];
    private long count;

    void add(long nowNanos, long size) {
      atNanos[(int) (count % KEPT)] = nowNanos;
      bytes[(int) (count % KEPT)] = size;
      count++;
    }

    Sum sum(long nowNanos) {
      int kept = (int) Math.min(count, KEPT);
      if (kept < 2 || nowNanos - atNanos[(int) ((count - 1) % KEPT)] > STALE_NANOS) {
        return new Sum(count, 0, 0);
      }
      long total = 0;
      for (int i = 0; i < kept; i++) {
        total += bytes[i];
      }
      long first = atNanos[(int) ((count - kept) % KEPT)];
      double seconds = Math.max(1, nowNanos - first) / 1e9;
      return new Sum(count, kept / seconds, total / seconds);
    }
  }

  /** Guarded by the traffic. */
  private static final class Follower {
    private static final double MILLI = 1e6;

    private boolean asked;
    private long askedNanos;
    private long answers;
    private long losses;
    private double current;
    private double sum;
    private double sumOfSquares;
    private double minimum = Double.MAX_VALUE;
    private double maximum;

    void asked(long nowNanos) {
      if (!asked) {
        asked = true;
        askedNanos = nowNanos;
      }
    }

    void answered(long nowNanos) {
      if (asked) {
        asked = false;
        answers++;
        current = (nowNanos - askedNanos) / MILLI;
        sum += current;
        sumOfSquares += current * current;
        minimum = Math.min(minimum, current);
        maximum = Math.max(maximum, current);
      }
    }

    void lost() {
      asked = false;
      losses++;
    }

    Latency latency() {
      if (answers == 0) {
        return new Latency(0, 0, 0, 0, 0, losses, 0);
      }
      double average = sum / answers;
      double variance = Math.max(0, sumOfSquares / answers - average * average);
      return new Latency(current, average, Math.sqrt(variance), minimum, maximum, losses, answers);
    }
  }
}
