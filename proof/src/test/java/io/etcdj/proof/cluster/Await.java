package io.etcdj.proof.cluster;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Looks again and again until something is so; where a call is refused, it is not so yet. */
public final class Await {
  private static final long PAUSE_MILLIS = 20;

  /** What is said of a call that time does not mend. */
  private static final Set<Status.Code> LASTING =
      EnumSet.of(
          Status.Code.DATA_LOSS,
          Status.Code.INTERNAL,
          Status.Code.UNIMPLEMENTED,
          Status.Code.INVALID_ARGUMENT,
          Status.Code.PERMISSION_DENIED);

  private Await() {}

  /** Waits for a value; fails with the description after the limit. */
  public static <T> T value(Duration limit, String description, Supplier<Optional<T>> look)
      throws InterruptedException {
    return value(limit, () -> description, look);
  }

  /** The same with a description that is made when it is needed. */
  public static <T> T value(
      Duration limit, Supplier<String> description, Supplier<Optional<T>> look)
      throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      StatusRuntimeException refusal = null;
      try {
        Optional<T> found = look.get();
        if (found.isPresent()) {
          return found.get();
        }
      } catch (StatusRuntimeException refused) {
        if (LASTING.contains(refused.getStatus().getCode())) {
          throw refused;
        }
        refusal = refused;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "not within " + limit.toSeconds() + " s: " + description.get(), refusal);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** Waits until it holds. */
  public static void that(Duration limit, String description, BooleanSupplier look)
      throws InterruptedException {
    value(limit, description, () -> look.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }
}
