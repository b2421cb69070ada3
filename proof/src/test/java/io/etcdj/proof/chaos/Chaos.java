package io.etcdj.proof.chaos;

import io.etcdj.proof.ServerProcess;
import io.etcdj.proof.cluster.Cluster;
import io.etcdj.proof.cluster.Lineup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** {@code proof/chaos}: starts a cluster, does harm to it under load, and says what it found. */
public final class Chaos {
  private static final String USAGE =
      """
      usage: proof/chaos [option value]...
        --members N     members of the cluster (3)
        --original K    how many of them are the original etcd (0)
        --seconds S     how long harm is done (60)
        --seed N        of what is done; it is printed, to do the same again
        --faults A,B    only these (all)
      It prints what it does, and at the end the verdict. Exit code: 0 if what clients and watchers
      saw can have happened, 1 if not or if that is not known, 2 if it was not understood.
      """;

  private record Options(int members, int original, int seconds, long seed, List<Fault> faults) {
    static Options parse(List<String> words) {
      Options options =
          new Options(
              3, 0, 60, System.currentTimeMillis() % 1_000_000, Arrays.asList(Fault.values()));
      if (words.size() % 2 != 0) {
        throw new IllegalArgumentException("a value is missing");
      }
      for (int i = 0; i < words.size(); i += 2) {
        options = options.with(words.get(i), words.get(i + 1));
      }
      if (options.members < 1 || options.original < 0 || options.original > options.members) {
        throw new IllegalArgumentException("there is no such cluster");
      }
      return options;
    }

    private Options with(String name, String value) {
      return switch (name) {
        case "--members" -> new Options(Integer.parseInt(value), original, seconds, seed, faults);
        case "--original" -> new Options(members, Integer.parseInt(value), seconds, seed, faults);
        case "--seconds" -> new Options(members, original, Integer.parseInt(value), seed, faults);
        case "--seed" -> new Options(members, original, seconds, Long.parseLong(value), faults);
        case "--faults" -> new Options(members, original, seconds, seed, faults(value));
        default -> throw new IllegalArgumentException("unknown option " + name);
      };
    }

    private static List<Fault> faults(String names) {
      return Arrays.stream(names.split(",", -1))
          .map(name -> Fault.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_')))
          .toList();
    }
  }

  private Chaos() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Options options;
    try {
      options = Options.parse(List.of(args));
    } catch (IllegalArgumentException misuse) {
      System.err.println(misuse.getMessage());
      System.err.print(USAGE);
      System.err.println("Faults: " + Arrays.toString(Fault.values()).toLowerCase(Locale.ROOT));
      System.exit(2);
      return;
    }
    if (options.original() > 0 && !Files.isExecutable(ServerProcess.ORIGINAL)) {
      System.err.println("there is no " + ServerProcess.ORIGINAL);
      System.exit(2);
    }
    System.exit(run(options) ? 0 : 1);
  }

  private static boolean run(Options options) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("chaos");
    Journal journal = new Journal(System.out::println);
    Lineup lineup = Lineup.mixed(options.members() - options.original(), options.original());
    journal.say("seed " + options.seed() + ", " + lineup + ", data in " + directory);
    boolean holds = false;
    try (Cluster cluster =
        Cluster.start(directory, lineup, "--snapshot-count=1000", "--max-snapshots=2")) {
      try {
        journal.say("the cluster serves");
        Trial trial = Trial.start(cluster, Load.Settings.USUAL, options.seed(), journal);
        Nemesis nemesis = new Nemesis(cluster, journal, options.seed());
        nemesis.rage(Duration.ofSeconds(options.seconds()), options.faults());
        Report report = trial.finish();
        System.out.println(nemesis.struck() + " faults, " + report);
        holds = report.verdict().holds();
      } catch (AssertionError | RuntimeException e) {
        System.out.println("verdict: the trial could not be brought to its end");
        e.printStackTrace(System.out);
        System.out.println(cluster.logs(40));
      }
    }
    if (holds) {
      delete(directory);
    } else {
      System.out.println("seed " + options.seed() + "; the data is kept in " + directory);
    }
    return holds;
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
