package io.etcdj.state.v2;

import org.jspecify.annotations.Nullable;

/**
 * What came of a v2 request: an event, a refusal, or neither where nobody asks.
 *
 * @param index the store's index then
 */
public record Outcome(@Nullable Event event, @Nullable V2Exception refusal, long index) {
  public static Outcome of(Event event, long index) {
    return new Outcome(event, null, index);
  }

  public static Outcome refused(V2Exception refusal) {
    return new Outcome(null, refusal, refusal.index());
  }

  public static Outcome nothing(long index) {
    return new Outcome(null, null, index);
  }
}
