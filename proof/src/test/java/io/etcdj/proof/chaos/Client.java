package io.etcdj.proof.chaos;

import io.etcdj.proof.cluster.Cluster;
import io.etcdj.proof.cluster.Member;
import io.etcdj.proof.history.Answer;
import io.etcdj.proof.history.Call;
import io.etcdj.proof.history.Cell;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Reads, writes, compares and deletes a few keys, one call after the other, at a member of its own
 * as long as that answers, else at any.
 */
final class Client implements Runnable {
  private static final int KEYS = 5;
  private static final int ERA_SECONDS = 60;

  private final int number;
  private final Cluster cluster;
  private final History history;
  private final Load.Settings settings;
  private final Random random;

  /** What it last knew of each key, so that comparisons have a chance to hold. */
  private final Map<String, Cell> known = new HashMap<>();

  private final long startNanos = System.nanoTime();
  private int made;
  private boolean strays;
  private volatile boolean stopped;

  Client(int number, Cluster cluster, History history, Load.Settings settings, long seed) {
    this.number = number;
    this.cluster = cluster;
    this.history = history;
    this.settings = settings;
    this.random = new Random(seed * 1_000 + number);
  }

  void stop() {
    stopped = true;
  }

  @Override
  public void run() {
    try (Caller caller = new Caller(number, history, false)) {
      for (; !stopped; made++) {
        String key = "k" + random.nextInt(KEYS) + "/" + era();
        Call call = next(key);
        Answer answer = caller.make(pick(), key, call, 0, random.nextInt(3) == 0, deadline());
        strays = answer == null;
        if (answer != null) {
          learn(key, call, answer);
        }
        Thread.sleep(random.nextInt(2 * settings.pauseMillis()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Now and then other keys are taken, so that no key's history gets too long to be checked. */
  private long era() {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos) / ERA_SECONDS;
  }

  private Member pick() {
    List<Member> members = cluster.members();
    return members.get((strays ? random.nextInt(members.size()) : number) % members.size());
  }

  private Duration deadline() {
    return Duration.ofMillis(random.nextInt(4) == 0 ? 600 : 2_500);
  }

  private Call next(String key) {
    String value = "c" + number + "-" + made;
    int kind = random.nextInt(10);
    if (kind < 4) {
      return new Call.Get();
    }
    if (kind < 7) {
      return new Call.Put(value);
    }
    return kind < 9
        ? new Call.Swap(known.getOrDefault(key, Cell.ABSENT).modRevision(), value)
        : new Call.Delete();
  }

  private void learn(String key, Call call, Answer answer) {
    Cell seen = answer.seen();
    if (answer.wrote()) {
      String value = call.writes();
      known.put(key, value == null ? Cell.ABSENT : new Cell(value, answer.revision()));
    } else if (seen != null) {
      known.put(key, seen);
    }
  }
}
