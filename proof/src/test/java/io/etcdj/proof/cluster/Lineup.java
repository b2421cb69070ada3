package io.etcdj.proof.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.etcdj.proof.ServerProcess;
import java.nio.file.Files;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** Which members a cluster starts with. */
public record Lineup(List<Make> makes) {
  /** What the tests run, unless {@code -Dlineup=ours|original|mixed} says otherwise. */
  private static final String DEFAULT = "ours";

  /** Members of ours only. */
  public static Lineup ours(int members) {
    return mixed(members, 0);
  }

  /** Members of the original only. */
  public static Lineup original(int members) {
    return mixed(0, members);
  }

  /** First those of ours, then those of the original. */
  public static Lineup mixed(int ours, int original) {
    return new Lineup(
        Stream.concat(
                Collections.nCopies(ours, Make.OURS).stream(),
                Collections.nCopies(original, Make.ORIGINAL).stream())
            .toList());
  }

  /**
   * The three members that the tests are about; a test is skipped where the original is missing.
   */
  public static Lineup underTest() {
    String name = System.getProperty("lineup", DEFAULT);
    return switch (name) {
      case "ours" -> ours(3);
      case "original" -> original(3).orSkip();
      case "mixed" -> mixed(2, 1).orSkip();
      default -> throw new IllegalArgumentException("-Dlineup=" + name);
    };
  }

  /** This, if what it needs is installed. */
  public Lineup orSkip() {
    assumeTrue(
        !makes.contains(Make.ORIGINAL) || Files.isExecutable(ServerProcess.ORIGINAL),
        "needs /usr/bin/etcd (on Debian: etcd-server)");
    return this;
  }

  /** Whether none of the original is among them. */
  public boolean isAllOurs() {
    return !makes.contains(Make.ORIGINAL);
  }

  @Override
  public String toString() {
    long ours = makes.stream().filter(make -> make == Make.OURS).count();
    return ours + " of ours and " + (makes.size() - ours) + " of the original";
  }
}
