package io.etcdj.server.front.rpc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class CompletionsTest {
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, SECONDS);
  }

  @Test
  void aBatchRunsOnItsLoopsInTheOrderOfAdding() throws Exception {
    EventLoopRef first = loop(0);
    EventLoopRef second = loop(1);
    Completions completions = new Completions();
    List<Integer> heard = new ArrayList<>();
    List<Boolean> inLoop = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(2);
    for (int i = 0; i < 100; i++) {
      int number = i;
      completions.add(
          first,
          () -> {
            heard.add(number);
            inLoop.add(first.inLoop());
          });
    }
    completions.add(first, done::countDown);
    completions.add(second, done::countDown);
    completions.flush();
    assertThat(done.await(10, SECONDS)).isTrue();
    assertThat(heard).hasSize(100).isSorted();
    assertThat(inLoop).containsOnly(true);
  }

  @Test
  void nothingIsDeliveredBeforeTheFlushAndNothingTwice() throws Exception {
    EventLoopRef loop = loop(0);
    Completions completions = new Completions();
    List<String> heard = new ArrayList<>();
    completions.add(loop, () -> heard.add("once"));
    assertThat(onLoop(loop, () -> List.copyOf(heard))).isEmpty();
    completions.flush();
    completions.flush();
    assertThat(onLoop(loop, () -> List.copyOf(heard))).containsExactly("once");
  }

  private EventLoopRef loop(int index) throws Exception {
    CompletableFuture<EventLoopRef> made = new CompletableFuture<>();
    Context context = vertx.getOrCreateContext();
    context.runOnContext(unused -> made.complete(EventLoopRef.current(index, context)));
    return made.get(10, SECONDS);
  }

  private static <T> T onLoop(EventLoopRef loop, java.util.function.Supplier<T> question)
      throws Exception {
    CompletableFuture<T> answer = new CompletableFuture<>();
    loop.execute(() -> answer.complete(question.get()));
    return answer.get(10, SECONDS);
  }
}
