package io.etcdj.bench.compare;

import io.etcdj.bench.Arguments;
import io.etcdj.bench.compare.Throughput.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Compares two servers; {@code bench/compare} starts it. */
public final class Compare {
  private static final String USAGE =
      """
      usage: bench/compare [OPTIONS]
        --sections A,B,...  put, range, fanout, growth, million, compaction, startup, ctl,
                              return (all that the number of members allows)
        --rounds N          turns of each side in each workload (3)
        --members N         of each cluster (1)
        --dir DIRECTORY     where data directories go; on the disk that is to be measured
        --scale FACTOR      makes every count smaller, for trying things out (1)
      environment, each a command to which flags are added:
        THEIRS (/usr/bin/etcd)  THEIRS_CTL (/usr/bin/etcdctl)
        OURS (./etcd)           OURS_CTL (./etcdctl)
      """;

  private Compare() {}

  /** Exits with 0 when all sections ran, with 1 when one failed, with 2 on wrong usage. */
  public static void main(String[] commandLine) throws InterruptedException {
    Run run;
    Map<String, Section> chosen;
    try {
      Arguments arguments = new Arguments(List.of(commandLine), List.of());
      chosen = chosen(arguments.list("--sections", String.join(",", sections().keySet())));
      run = run(arguments);
      arguments.refuseOthers();
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.print(USAGE);
      System.exit(2);
      return;
    }
    System.exit(measure(run, chosen) ? 0 : 1);
  }

  private static Run run(Arguments arguments) {
    Subject theirs =
        new Subject(
            "etcd", command("THEIRS", "/usr/bin/etcd"), command("THEIRS_CTL", "/usr/bin/etcdctl"));
    Subject ours =
        new Subject("etcdj", command("OURS", "./etcd"), command("OURS_CTL", "./etcdctl"));
    return new Run(
        List.of(theirs, ours),
        Path.of(arguments.text("--dir", "compare-data")).toAbsolutePath(),
        arguments.integer("--members", 1, 1),
        arguments.integer("--rounds", 3, 1),
        Double.parseDouble(arguments.text("--scale", "1")),
        new Table(List.of(theirs.name(), ours.name())));
  }

  private static List<String> command(String variable, String unless) {
    String command = System.getenv().getOrDefault(variable, unless);
    return Arrays.asList(command.strip().split("\\s+", -1));
  }

  private static Map<String, Section> chosen(List<String> names) {
    Map<String, Section> chosen = sections();
    for (String name : names) {
      if (!chosen.containsKey(name)) {
        throw new IllegalArgumentException("no such section: " + name);
      }
    }
    chosen.keySet().retainAll(names);
    return chosen;
  }

  private static Map<String, Section> sections() {
    Map<String, Section> sections = new LinkedHashMap<>();
    sections.put("put", new Throughput("put", shapes(10_000, 60_000, 100_000)));
    sections.put("range", new Throughput("range", shapes(20_000, 100_000, 100_000)));
    sections.put("fanout", new FanOut(10_000, 100, 50));
    sections.put("growth", new Growth(5, 100_000));
    sections.put("million", new Million(1_000_000, 256));
    sections.put("compaction", new CompactionPause(300_000, 5_000, 10));
    sections.put("startup", new StartUp(7));
    sections.put("ctl", new CtlPut(20));
    sections.put("return", new MemberReturn(1_000_000, 1_000, 2_000));
    return sections;
  }

  private static List<Shape> shapes(long alone, long some, long many) {
    return List.of(new Shape(1, 1, alone), new Shape(64, 16, some), new Shape(1000, 64, many));
  }

  /** Runs the sections and prints what could be measured, even if one of them failed. */
  private static boolean measure(Run run, Map<String, Section> sections)
      throws InterruptedException {
    boolean complete = true;
    for (Map.Entry<String, Section> section : sections.entrySet()) {
      Run.say("section " + section.getKey());
      try {
        section.getValue().measure(run);
      } catch (IOException e) {
        Run.say("section " + section.getKey() + " failed: " + e.getMessage());
        complete = false;
      }
    }
    System.out.print(run.table().toMarkdown());
    return complete;
  }
}
