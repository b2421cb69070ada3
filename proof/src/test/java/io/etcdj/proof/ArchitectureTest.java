package io.etcdj.proof;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;

/** What the packages may know of each other, and what they are called. */
@AnalyzeClasses(packages = "io.etcdj", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  /** Generated from the .proto files, in packages that etcd chose. */
  private static final DescribedPredicate<JavaClass> CONTRACT = resideInAPackage("io.etcdj.api..");

  @ArchTest
  static final ArchRule AGREEMENT_AND_MACHINE_ARE_PURE =
      noClasses()
          .that()
          .resideInAnyPackage("io.etcdj.raft..", "io.etcdj.state..")
          .and()
          .doNotHaveFullyQualifiedName("io.etcdj.state.mvcc.IndexLoader") // hands an interrupt on
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                      "java.net..",
                      "java.util.concurrent.locks",
                      "io.vertx..",
                      "io.grpc..",
                      "io.netty..")
                  .or(JavaClass.Predicates.equivalentTo(Clock.class))
                  .or(JavaClass.Predicates.equivalentTo(Thread.class)))
          .because(
              "replay of the log is exact only without clocks, threads and sockets: the process"
                  + " drives the core and the state machine, and a simulation can, too");

  @ArchTest
  static final ArchRule TIME_IS_READ_BY_THE_PROCESS_ONLY =
      noClasses()
          .that()
          .resideInAnyPackage("io.etcdj.raft..", "io.etcdj.state..")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(java.time.Instant.class, "now")
          .because("every member must come to the same state from the same log, at any time");

  /**
   * The wall clock may name things (request ids, log lines, start times) and check certificates. It
   * must decide nothing: it is set back and forth.
   */
  @ArchTest
  static final ArchRule THE_WALL_CLOCK_DECIDES_NOTHING =
      noClasses()
          .that()
          .resideInAnyPackage("io.etcdj.server..", "io.etcdj.storage..")
          .and()
          .doNotHaveFullyQualifiedName("io.etcdj.server.boot.EtcdMember") // seeds request ids
          .and()
          .resideOutsideOfPackages("io.etcdj.server.log..", "io.etcdj.server.metrics..")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(java.time.Instant.class, "now")
          .because(
              "leases, timeouts and ticks go by System.nanoTime, which no administrator and no NTP"
                  + " sets back");

  @ArchTest
  static final ArchRule LEASES_NEVER_SEE_THE_WALL_CLOCK =
      noClasses()
          .that()
          .resideInAnyPackage("io.etcdj.server.lease..", "io.etcdj.state.lease..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.time..")
          .because("a lease must last as long as it was granted, whatever the wall clock does");

  @ArchTest
  static final ArchRule AGREEMENT_AND_MACHINE_ARE_STRANGERS =
      noClasses()
          .that()
          .resideInAPackage("io.etcdj.raft..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.etcdj.state..", "io.etcdj.storage..", "io.etcdj.server..")
          .because("the server introduces them; each is understood and tested without the other");

  @ArchTest
  static final ArchRule MACHINE_AND_AGREEMENT_ARE_STRANGERS =
      noClasses()
          .that()
          .resideInAPackage("io.etcdj.state..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.etcdj.raft..", "io.etcdj.server..")
          .because("the server introduces them; each is understood and tested without the other");

  @ArchTest
  static final ArchRule LEASE_NEVER_SEES_MVCC =
      noClasses()
          .that()
          .resideInAPackage("io.etcdj.state.lease..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.etcdj.state.mvcc..")
          .because(
              "a revoke returns keys, and the applier deletes them: otherwise both are a knot");

  @ArchTest
  static final ArchRule THE_DISK_KNOWS_NO_ONE =
      noClasses()
          .that()
          .resideInAPackage("io.etcdj.storage..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.etcdj.raft..", "io.etcdj.state..", "io.etcdj.server..")
          .because("formats on disk outlive the programs that write them");

  @ArchTest
  static final ArchRule NOBODY_DEPENDS_ON_THE_PROOFS =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.etcdj.raft..", "io.etcdj.state..", "io.etcdj.storage..", "io.etcdj.server..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.etcdj.proof..", "io.etcdj.bench..", "io.etcdj.ctl..")
          .because("what measures and proves the product is not part of it");

  @ArchTest
  static final ArchRule THE_CLIENT_NEEDS_TWO_JARS =
      noClasses()
          .that()
          .resideInAPackage("io.etcdj.ctl..")
          .and()
          .resideOutsideOfPackage("io.etcdj.ctl.utl..")
          .and()
          .doNotHaveFullyQualifiedName("io.etcdj.ctl.Etcdutl")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages(
              "java..",
              "javax..",
              "org.jspecify..",
              "io.etcdj.api..",
              "io.etcdj.ctl..",
              "com.google.protobuf")
          .because("the class path of etcdctl names the client, its messages and protobuf alone");

  @ArchTest static final ArchRule RAFT_HAS_NO_CYCLES = withoutCycles("io.etcdj.raft.(**)");

  @ArchTest static final ArchRule STORAGE_HAS_NO_CYCLES = withoutCycles("io.etcdj.storage.(**)");

  @ArchTest static final ArchRule STATE_HAS_NO_CYCLES = withoutCycles("io.etcdj.state.(**)");

  @ArchTest static final ArchRule SERVER_HAS_NO_CYCLES = withoutCycles("io.etcdj.server.(**)");

  @ArchTest static final ArchRule CTL_HAS_NO_CYCLES = withoutCycles("io.etcdj.ctl.(**)");

  @ArchTest static final ArchRule BENCH_HAS_NO_CYCLES = withoutCycles("io.etcdj.bench.(**)");

  private static ArchRule withoutCycles(String packages) {
    return slices()
        .matching(packages)
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .because("packages that need each other are one package in disguise");
  }

  @ArchTest
  static final ArchRule NAMES_SAY_WHAT_A_CLASS_OWNS =
      noClasses()
          .that(DescribedPredicate.not(CONTRACT))
          .should()
          .haveNameMatching(".*(Manager|Helper|Utils?|Utilities)(\\$.*)?")
          .because(
              "such a name fits anything, so anything ends up there; put the method on the type it"
                  + " reads");
}
