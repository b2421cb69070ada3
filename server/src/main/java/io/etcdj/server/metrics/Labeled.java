package io.etcdj.server.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Metrics of one name that differ in their labels' values. A member exists, and is exposed, from
 * the moment somebody first asks for it.
 *
 * <p>Any thread may ask. On a hot path, ask once and keep the member.
 */
public final class Labeled<M> {
  private final List<String> labels;
  private final Supplier<M> factory;
  private final ConcurrentMap<List<String>, M> members = new ConcurrentHashMap<>();

  Labeled(List<String> labels, Supplier<M> factory) {
    this.labels = labels;
    this.factory = factory;
  }

  /** The member with these values, in the order in which the labels were declared. */
  public M with(String... values) {
    if (values.length != labels.size()) {
      throw new IllegalArgumentException(
          labels.size() + " labels, but " + values.length + " values: " + Arrays.toString(values));
    }
    return members.computeIfAbsent(List.of(values), unused -> factory.get());
  }

  /** Takes a member out of the exposition, for a value that is no longer so (a past leader). */
  public void remove(String... values) {
    members.remove(List.of(values));
  }

  List<String> labels() {
    return labels;
  }

  void forEach(BiConsumer<List<String>, M> action) {
    members.forEach(action);
  }
}
