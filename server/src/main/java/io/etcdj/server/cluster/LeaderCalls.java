package io.etcdj.server.cluster;

import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.server.member.RaftView;
import io.etcdj.server.peer.PeerClient;
import io.etcdj.state.membership.Member;
import io.vertx.core.http.HttpMethod;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Has answered by the leader what only it can answer: here, or by HTTP between members.
 *
 * <p>Tried again, with whoever leads then, until there is a final answer or the time is over.
 */
public final class LeaderCalls {
  private static final long PAUSE_MILLIS = 50;

  private final RaftView view;
  private final Peers peers;
  private final ScheduledExecutorService timer;
  private final long timeoutMillis;

  /**
   * @param timeoutMillis how long a call is tried
   */
  public LeaderCalls(
      RaftView view, Peers peers, ScheduledExecutorService timer, long timeoutMillis) {
    this.view = view;
    this.peers = peers;
    this.timer = timer;
    this.timeoutMillis = timeoutMillis;
  }

  /** How a question is put to a leader elsewhere. */
  @SuppressWarnings("ArrayRecordComponent") // nobody changes it
  public record Remote<T>(String path, byte[] body, Reader<T> reader) {}

  /** Reads an answer; one that is not final is null, one that is a refusal is thrown. */
  @FunctionalInterface
  public interface Reader<T> {
    @Nullable T read(PeerClient.Answer answer);
  }

  /**
   * Asks; fails with an {@link EtcdException}.
   *
   * @param local answers while this member leads; fails with NOT_LEADER when it turns out not to
   * @param remote what to ask of another one
   */
  public <T> CompletableFuture<T> ask(Supplier<CompletableFuture<T>> local, Remote<T> remote) {
    Question<T> question = new Question<>(local, remote);
    question.ask();
    return question.result;
  }

  private final class Question<T> {
    private final Supplier<CompletableFuture<T>> local;
    private final Remote<T> remote;
    private final long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    private final CompletableFuture<T> result = new CompletableFuture<>();

    Question(Supplier<CompletableFuture<T>> local, Remote<T> remote) {
      this.local = local;
      this.remote = remote;
    }

    void ask() {
      long leftMillis = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
      if (leftMillis <= 0) {
        EtcdError why = view.leader() == 0 ? EtcdError.NO_LEADER : EtcdError.TIMEOUT;
        result.completeExceptionally(why.exception());
      } else if (view.leads()) {
        var unused = local.get().whenComplete(this::answeredHere);
      } else {
        Member leader = peers.other(view.leader());
        if (leader == null) {
          later();
          return;
        }
        var unused =
            peers
                .ask(leader, HttpMethod.POST, remote.path(), remote.body(), leftMillis)
                .whenComplete(this::answeredThere);
      }
    }

    private void answeredHere(@Nullable T answer, @Nullable Throwable failure) {
      if (failure == null) {
        result.complete(answer);
        return;
      }
      EtcdException refusal = refusal(failure);
      if (refusal.error() == EtcdError.NOT_LEADER) {
        later();
      } else {
        result.completeExceptionally(refusal);
      }
    }

    private void answeredThere(PeerClient.@Nullable Answer answer, @Nullable Throwable failure) {
      T read = null;
      if (answer != null) {
        try {
          read = remote.reader().read(answer);
        } catch (EtcdException refusal) {
          result.completeExceptionally(refusal);
          return;
        }
      }
      if (read != null) {
        result.complete(read);
      } else {
        later(); // not the leader any more, or out of reach
      }
    }

    private void later() {
      try {
        var unused = timer.schedule(this::ask, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        result.completeExceptionally(EtcdError.STOPPED.exception());
      }
    }
  }

  /** The refusal that a future of this package failed with. */
  public static EtcdException refusal(Throwable failure) {
    return causeOf(failure) instanceof EtcdException refusal
        ? refusal
        : EtcdError.TIMEOUT.because(String.valueOf(failure));
  }

  /** Futures wrap what they failed with; null when there is no failure. */
  private static @Nullable Throwable causeOf(@Nullable Throwable failure) {
    Throwable cause = failure;
    while (cause != null && !(cause instanceof EtcdException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
