package io.etcdj.server.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * Every metric of one server, and their text exposition (format 0.0.4) as Go's client writes it:
 * families by name, members by their labels' values, labels by their names, {@code le} last.
 *
 * <p>Any thread may register and expose. A name can be registered only once: two owners of one
 * number would each see half of it.
 *
 * <pre>
 *   registry.counter("etcd_server_proposals_failed_total", "The total number of …").increment();
 *   registry.expose()
 *     # HELP etcd_server_proposals_failed_total The total number of …
 *     # TYPE etcd_server_proposals_failed_total counter
 *     etcd_server_proposals_failed_total 1
 * </pre>
 */
public final class MetricRegistry {
  /** One name: its head lines and a way to write its members. */
  private record Family(String help, String type, Body body) {}

  private interface Body {
    void write(StringBuilder out, String name);
  }

  private final ConcurrentSkipListMap<String, Family> families = new ConcurrentSkipListMap<>();

  public Counter counter(String name, String help) {
    Counter counter = new Counter();
    register(name, help, "counter", (out, n) -> line(out, n, "", "", (double) counter.value()));
    return counter;
  }

  /** A counter that somebody else keeps; asked for on every scrape. */
  public void counter(String name, String help, DoubleSupplier value) {
    register(name, help, "counter", (out, n) -> line(out, n, "", "", value.getAsDouble()));
  }

  public Gauge gauge(String name, String help) {
    Gauge gauge = new Gauge();
    register(name, help, "gauge", (out, n) -> line(out, n, "", "", gauge.value()));
    return gauge;
  }

  /** A gauge that somebody else keeps; asked for on every scrape, from the scraping thread. */
  public void gauge(String name, String help, DoubleSupplier value) {
    register(name, help, "gauge", (out, n) -> line(out, n, "", "", value.getAsDouble()));
  }

  public Histogram histogram(String name, String help, double[] bounds) {
    Histogram histogram = new Histogram(bounds);
    register(name, help, "histogram", (out, n) -> lines(out, n, "", histogram));
    return histogram;
  }

  public Labeled<Counter> counters(String name, String help, String... labels) {
    return labeled(
        name,
        help,
        "counter",
        labels,
        Counter::new,
        (o, n, l, m) -> line(o, n, "", l, (double) m.value()));
  }

  public Labeled<Gauge> gauges(String name, String help, String... labels) {
    return labeled(
        name, help, "gauge", labels, Gauge::new, (o, n, l, m) -> line(o, n, "", l, m.value()));
  }

  public Labeled<Histogram> histograms(
      String name, String help, double[] bounds, String... labels) {
    return labeled(
        name, help, "histogram", labels, () -> new Histogram(bounds), MetricRegistry::lines);
  }

  /** The whole exposition. */
  public String expose() {
    StringBuilder out = new StringBuilder(32 * 1024);
    families.forEach(
        (name, family) -> {
          int start = out.length();
          out.append("# HELP ").append(name).append(' ');
          escape(out, family.help, false);
          out.append("\n# TYPE ").append(name).append(' ').append(family.type).append('\n');
          int head = out.length();
          family.body.write(out, name);
          if (out.length() == head) {
            out.setLength(start); // a family without a member yet is not exposed
          }
        });
    return out.toString();
  }

  private interface MemberWriter<M> {
    void write(StringBuilder out, String name, String labels, M member);
  }

  private <M> Labeled<M> labeled(
      String name,
      String help,
      String type,
      String[] labels,
      Supplier<M> factory,
      MemberWriter<M> writer) {
    Labeled<M> family = new Labeled<>(List.of(labels), factory);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      order.add(i);
    }
    order.sort(Comparator.comparing(i -> labels[i]));
    register(name, help, type, (out, n) -> members(out, n, family, order, writer));
    return family;
  }

  private static <M> void members(
      StringBuilder out,
      String name,
      Labeled<M> family,
      List<Integer> order,
      MemberWriter<M> writer) {
    ConcurrentSkipListMap<List<String>, M> sorted = new ConcurrentSkipListMap<>(byValuesIn(order));
    family.forEach(sorted::put);
    sorted.forEach(
        (values, member) -> writer.write(out, name, pairs(family, values, order), member));
  }

  private static Comparator<List<String>> byValuesIn(List<Integer> order) {
    return (left, right) -> {
      for (int i : order) {
        int difference = left.get(i).compareTo(right.get(i));
        if (difference != 0) {
          return difference;
        }
      }
      return 0;
    };
  }

  private static String pairs(Labeled<?> family, List<String> values, List<Integer> order) {
    StringBuilder pairs = new StringBuilder();
    for (int i : order) {
      if (pairs.length() > 0) {
        pairs.append(',');
      }
      pairs.append(family.labels().get(i)).append("=\"");
      escape(pairs, values.get(i), true);
      pairs.append('"');
    }
    return pairs.toString();
  }

  private void register(String name, String help, String type, Body body) {
    if (families.putIfAbsent(name, new Family(help, type, body)) != null) {
      throw new IllegalArgumentException("metric " + name + " is registered already");
    }
  }

  private static void lines(StringBuilder out, String name, String labels, Histogram histogram) {
    long[] counts = histogram.counts();
    double[] bounds = histogram.bounds();
    String separator = labels.isEmpty() ? "" : ",";
    long total = 0;
    for (int i = 0; i < counts.length; i++) {
      total += counts[i];
      String bound = i < bounds.length ? GoFloat.format(bounds[i]) : "+Inf";
      line(out, name, "_bucket", labels + separator + "le=\"" + bound + '"', (double) total);
    }
    line(out, name, "_sum", labels, histogram.sum());
    line(out, name, "_count", labels, (double) total);
  }

  private static void line(
      StringBuilder out, String name, String suffix, String labels, double value) {
    out.append(name).append(suffix);
    if (!labels.isEmpty()) {
      out.append('{').append(labels).append('}');
    }
    out.append(' ').append(GoFloat.format(value)).append('\n');
  }

  private static void escape(StringBuilder out, String text, boolean quotes) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        out.append("\\\\");
      } else if (c == '\n') {
        out.append("\\n");
      } else if (c == '"' && quotes) {
        out.append("\\\"");
      } else {
        out.append(c);
      }
    }
  }
}
