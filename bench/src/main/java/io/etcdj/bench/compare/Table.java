package io.etcdj.bench.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What was measured, by workload, measure and subject; prints medians and the ratio ours/etcd.
 *
 * <p>Rows appear in the order in which they were first measured.
 */
final class Table {
  private record Row(String workload, String measure) {}

  private final List<String> subjects;
  private final Map<Row, Map<String, List<Double>>> rows = new LinkedHashMap<>();

  /**
   * @param subjects the names of the two sides; a ratio is the second by the first
   */
  Table(List<String> subjects) {
    this.subjects = List.copyOf(subjects);
  }

  void add(String workload, String measure, String subject, double value) {
    rows.computeIfAbsent(new Row(workload, measure), row -> new LinkedHashMap<>())
        .computeIfAbsent(subject, name -> new ArrayList<>())
        .add(value);
  }

  static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  String toMarkdown() {
    String first = subjects.get(0);
    String second = subjects.get(1);
    StringBuilder text = new StringBuilder();
    line(text, "workload", "measure", first, second, second + "/" + first, "runs");
    line(text, "---", "---", "---:", "---:", "---:", "---:");
    String last = "";
    for (Map.Entry<Row, Map<String, List<Double>>> entry : rows.entrySet()) {
      Row row = entry.getKey();
      List<Double> ofFirst = entry.getValue().getOrDefault(first, List.of());
      List<Double> ofSecond = entry.getValue().getOrDefault(second, List.of());
      boolean both = !ofFirst.isEmpty() && !ofSecond.isEmpty();
      line(
          text,
          row.workload().equals(last) ? "" : row.workload(),
          row.measure(),
          number(ofFirst),
          number(ofSecond),
          both ? ratio(median(ofFirst), median(ofSecond)) : "",
          Integer.toString(Math.max(ofFirst.size(), ofSecond.size())));
      last = row.workload();
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String... cells) {
    text.append(Arrays.stream(cells).collect(Collectors.joining(" | ", "| ", " |"))).append('\n');
  }

  private static String ratio(double first, double second) {
    return first == 0 ? "" : String.format(Locale.ROOT, "%.2f", second / first);
  }

  /** Three digits and no more pretence of precision than that. */
  private static String number(List<Double> values) {
    if (values.isEmpty()) {
      return "";
    }
    double median = median(values);
    double size = Math.abs(median);
    String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, format, median);
  }
}
