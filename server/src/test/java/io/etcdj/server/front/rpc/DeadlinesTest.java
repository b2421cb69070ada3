package io.etcdj.server.front.rpc;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class DeadlinesTest {
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, SECONDS);
  }

  @Test
  void whatIsNotRemovedFiresOnceAndNotBeforeItsTime() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    int count = 2_000;
    CountDownLatch fired = new CountDownLatch(count / 2);
    AtomicInteger early = new AtomicInteger();
    AtomicInteger removedYetFired = new AtomicInteger();
    vertx.runOnContext(
        unused -> {
          Deadlines deadlines = new Deadlines(vertx);
          List<Deadlines.Entry> removed = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            long due = System.nanoTime() + MILLISECONDS.toNanos(random.nextInt(300));
            if (i % 2 == 0) {
              deadlines.add(
                  due,
                  () -> {
                    if (System.nanoTime() < due) {
                      early.incrementAndGet();
                    }
                    fired.countDown();
                  });
            } else {
              removed.add(deadlines.add(due, removedYetFired::incrementAndGet));
            }
          }
          removed.forEach(deadlines::remove);
          removed.forEach(deadlines::remove); // twice does no harm
        });
    assertThat(fired.await(10, SECONDS)).as("replay with -Dseed=" + seed).isTrue();
    assertThat(early.get()).isZero();
    assertThat(removedYetFired.get()).isZero();
  }

  @Test
  void oneFiringMayRemoveItsNeighbours() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    List<String> heard = new ArrayList<>();
    vertx.runOnContext(
        unused -> {
          Deadlines deadlines = new Deadlines(vertx);
          long due = System.nanoTime();
          Deadlines.Entry[] neighbour = new Deadlines.Entry[1];
          deadlines.add(
              due,
              () -> {
                heard.add("first");
                deadlines.remove(neighbour[0]);
              });
          neighbour[0] = deadlines.add(due, () -> heard.add("removed"));
          deadlines.add(
              due,
              () -> {
                heard.add("last");
                done.countDown();
              });
        });
    assertThat(done.await(10, SECONDS)).isTrue();
    assertThat(heard).containsExactly("first", "last");
  }
}
