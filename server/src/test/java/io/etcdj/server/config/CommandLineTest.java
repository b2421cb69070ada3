package io.etcdj.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.server.config.Config.ClusterState;
import io.etcdj.server.config.FeatureGates.Gate;
import io.etcdj.server.log.Entry;
import io.etcdj.server.log.Level;
import io.etcdj.server.log.LogFormat;
import io.etcdj.server.text.EtcdUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines and what etcd was recorded to answer. */
class CommandLineTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-21T00:00:00Z"), ZoneOffset.UTC);

  /** Addresses with which a member named "default" may start. */
  private static final List<String> URLS =
      List.of(
          "--listen-client-urls",
          "http://127.0.0.1:7379",
          "--advertise-client-urls",
          "http://127.0.0.1:7379",
          "--listen-peer-urls",
          "http://127.0.0.1:7380",
          "--initial-advertise-peer-urls",
          "http://127.0.0.1:7380",
          "--initial-cluster",
          "default=http://127.0.0.1:7380");

  @TempDir Path dir;

  private static Parsed parse(Map<String, String> environment, List<String> args) {
    return CommandLine.parse(args, environment, () -> Optional.of("10.1.2.3"), CLOCK);
  }

  private static Parsed parse(String... args) {
    return parse(Map.of(), List.of(args));
  }

  private static Parsed.Run run(Parsed parsed) {
    assertThat(parsed).isInstanceOf(Parsed.Run.class);
    return (Parsed.Run) parsed;
  }

  private static Config config(String... args) {
    return run(parse(args)).config();
  }

  private static Parsed.Exit exit(Parsed parsed) {
    assertThat(parsed).isInstanceOf(Parsed.Exit.class);
    return (Parsed.Exit) parsed;
  }

  private static List<String> words(String line) {
    return line.isEmpty() ? List.of() : List.of(line.split(" ", -1));
  }

  private static Parsed withUrls(String line) {
    List<String> args = new ArrayList<>(URLS);
    args.addAll(words(line));
    return parse(Map.of(), args);
  }

  private static String warning(String error) {
    return "{\"level\":\"warn\",\"ts\":\"2026-11-21T00:00:00Z\",\"msg\":\"failed to verify flags\",\"error\":\""
        + error.replace("\"", "\\\"")
        + "\"}\n";
  }

  private static String fatal(String error) {
    return "{\"level\":\"fatal\",\"ts\":\"2026-11-21T00:00:00Z\",\"msg\":\"discovery failed\",\"error\":\""
        + error.replace("\"", "\\\"")
        + "\"}\n";
  }

  private static List<String> messages(Parsed parsed) {
    return run(parsed).notices().stream().map(Entry::message).toList();
  }

  // ---- Misuse: exit code 2, the complaint, then the usage

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "--nosuch | flag provided but not defined: -nosuch",
        "-nosuch=1 | flag provided but not defined: -nosuch",
        "--experimental-nosuch | flag provided but not defined: -experimental-nosuch",
        "--addr x | flag provided but not defined: -addr",
        "---x | bad flag syntax: ---x",
        "-=x | bad flag syntax: -=x",
        "--name | flag needs an argument: -name",
        "--max-txn-ops abc | invalid value \"abc\" for flag -max-txn-ops: parse error",
        "--max-txn-ops -1 | invalid value \"-1\" for flag -max-txn-ops: parse error",
        "--snapshot-count=bad | invalid value \"bad\" for flag -snapshot-count: parse error",
        "--snapshot-count 99999999999999999999 | invalid value \"99999999999999999999\" for flag"
            + " -snapshot-count: value out of range",
        "--quota-backend-bytes=bad | invalid value \"bad\" for flag -quota-backend-bytes: parse"
            + " error",
        "--heartbeat-interval 0b2 | invalid value \"0b2\" for flag -heartbeat-interval: parse error",
        "--max-concurrent-streams x | invalid value \"x\" for flag -max-concurrent-streams:"
            + " strconv.ParseUint: parsing \"x\": invalid syntax",
        "--max-concurrent-streams 5000000000 | invalid value \"5000000000\" for flag"
            + " -max-concurrent-streams: strconv.ParseUint: parsing \"5000000000\": value out of"
            + " range",
        "--grpc-keepalive-min-time 5 | invalid value \"5\" for flag -grpc-keepalive-min-time:"
            + " parse error",
        "--experimental-corrupt-check-time 5 | invalid value \"5\" for flag"
            + " -experimental-corrupt-check-time: parse error",
        "--pre-vote=maybe | invalid boolean value \"maybe\" for -pre-vote: parse error",
        "--enable-v2=foo | invalid boolean value \"foo\" for -enable-v2: parse error",
        "--initial-cluster-state=bad | invalid value \"bad\" for flag -initial-cluster-state:"
            + " invalid value",
        "--proxy foo | invalid value \"foo\" for flag -proxy: invalid value",
        "--v2-deprecation foo | invalid value \"foo\" for flag -v2-deprecation: invalid value",
        "--cors foo | invalid value \"foo\" for flag -cors: URL scheme must be http, https, unix,"
            + " or unixs: foo",
        "--cors *,http://a:1 | invalid value \"*,http://a:1\" for flag -cors: URL scheme must be"
            + " http, https, unix, or unixs: *",
        "--listen-metrics-urls foo | invalid value \"foo\" for flag -listen-metrics-urls: URL"
            + " scheme must be http, https, unix, or unixs: foo",
        "--listen-client-urls=127.0.0.1:2379 | invalid value \"127.0.0.1:2379\" for flag"
            + " -listen-client-urls: parse \"127.0.0.1:2379\": first path segment in URL cannot"
            + " contain colon",
        "--listen-client-urls ftp://127.0.0.1:1 | invalid value \"ftp://127.0.0.1:1\" for flag"
            + " -listen-client-urls: URL scheme must be http, https, unix, or unixs:"
            + " ftp://127.0.0.1:1",
        "--listen-client-urls http://127.0.0.1 | invalid value \"http://127.0.0.1\" for flag"
            + " -listen-client-urls: URL address does not have the form \"host:port\":"
            + " http://127.0.0.1",
        "--listen-client-urls http://127.0.0.1:1/path | invalid value \"http://127.0.0.1:1/path\""
            + " for flag -listen-client-urls: URL must not contain a path: http://127.0.0.1:1/path",
        "--listen-client-urls http://127.0.0.1:abc | invalid value \"http://127.0.0.1:abc\" for"
            + " flag -listen-client-urls: parse \"http://127.0.0.1:abc\": invalid port \":abc\""
            + " after host",
        "--listen-client-urls http://[::1:2379 | invalid value \"http://[::1:2379\" for flag"
            + " -listen-client-urls: parse \"http://[::1:2379\": missing ']' in host",
        "--feature-gates Nope=true | invalid value \"Nope=true\" for flag -feature-gates:"
            + " unrecognized feature gate: Nope",
      })
  void misuseIsAnsweredWithTheComplaintAndTheUsage(String line, String complaint) {
    Parsed.Exit exit = exit(parse(line.split(" ", -1)));

    assertThat(exit.code()).isEqualTo(2);
    assertThat(exit.stdout()).isEmpty();
    assertThat(exit.stderr()).startsWith(complaint + "\nUsage:\n").contains("etcd [flags]");
  }

  @Test
  void anUnknownLogLevelPanics() {
    Parsed.Exit exit = exit(parse("--log-level=bad"));

    assertThat(exit.code()).isEqualTo(2);
    assertThat(exit.stderr()).startsWith("panic: unrecognized level: \"bad\"\n");
  }

  // ---- Refusals: exit code 1 and one line of the log

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "extra | \"extra\" is not a valid flag",
        "- | \"-\" is not a valid flag",
        "--pre-vote false | \"false\" is not a valid flag",
        "-- --name | \"--name\" is not a valid flag",
        "--heartbeat-interval=0 | --heartbeat-interval must be >0 (set to 0ms)",
        "--election-timeout=0 | --election-timeout must be >0 (set to 0ms)",
        "--election-timeout=100 | --election-timeout[100ms] should be at least as 5 times as"
            + " --heartbeat-interval[100ms]",
        "--heartbeat-interval 18446744073709551615 | --election-timeout[1000ms] should be at least"
            + " as 5 times as --heartbeat-interval[9223372036854775807ms]",
        "--election-timeout=60000 | --election-timeout[60000ms] is too long, and should be set"
            + " less than 50000ms",
        "--auto-compaction-mode bad | unknown auto-compaction-mode \"bad\"",
        "--logger foo | unknown logger option \"foo\"",
        "--logger capnslog | --logger=capnslog is removed in v3.5",
        "--log-format foo | unknown log format: foo, supported values json, console",
        "--log-outputs /nonexistent/x | open sink \"/nonexistent/x\": open /nonexistent/x: no such"
            + " file or directory",
        "--enable-log-rotation --log-outputs=stderr,stdout | --log-outputs requires a single file"
            + " path when --log-rotate-config-json is defined",
        "--tls-min-version TLS9 | unexpected TLS version \"TLS9\" (must be one of: TLS1.2, TLS1.3)",
        "--tls-min-version TLS1.3 --tls-max-version TLS1.2 | min version (TLS1.3) is greater than"
            + " max version (TLS1.2)",
        "--tls-min-version TLS1.3 --cipher-suites a | cipher suites cannot be configured when only"
            + " TLS1.3 is enabled",
        "--discovery-srv nonexist.invalid | multiple discovery or bootstrap flags are set. Choose"
            + " one of \"initial-cluster\", \"discovery-endpoints\" or \"discovery-srv\"",
        "--discovery http://127.0.0.1:1/x | multiple discovery or bootstrap flags are set. Choose"
            + " one of \"initial-cluster\", \"discovery\", \"discovery-endpoints\" or"
            + " \"discovery-srv\"",
        "--discovery-token t | both --discovery-token and --discovery-endpoints must be set",
        "--discovery-fallback proxy | v2 proxy is deprecated, and --discovery-fallback can't be"
            + " configured as \"proxy\"",
        "--compact-hash-check-time 0s | --compact-hash-check-time must be >0 (set to 0s)",
        "--feature-gates LeaseCheckpointPersist=true | enabling feature gate"
            + " LeaseCheckpointPersist requires enabling feature gate LeaseCheckpoint",
        "--experimental-enable-lease-checkpoint-persist | enabling feature gate"
            + " LeaseCheckpointPersist requires enabling feature gate LeaseCheckpoint",
        "--listen-metrics-urls http://example.com:1 | expected IP in URL for binding"
            + " (http://example.com:1)",
        "--listen-client-http-urls http://127.0.0.1:7379 | cannot bind both --listen-client-urls"
            + " and --listen-client-http-urls on the same url http://127.0.0.1:7379",
        "--initial-advertise-peer-urls http://:1 | --initial-advertise-peer-urls \"http://:1\" must"
            + " be \"host:port\" (unexpected empty host (http://:1))",
        "--config-file=nofile | open nofile: no such file or directory",
        "--discovery-endpoints a:1 | multiple discovery or bootstrap flags are set. Choose one of"
            + " \"initial-cluster\", \"discovery-endpoints\" or \"discovery-srv\"",
      })
  void whatAMemberCannotRunWithIsRefused(String line, String error) {
    Parsed.Exit exit = exit(withUrls(line));

    assertThat(exit.code()).isEqualTo(1);
    assertThat(exit.stdout()).isEmpty();
    assertThat(exit.stderr()).endsWith(warning(error));
  }

  @Test
  void oneWayToFindMembersTakesThePlaceOfTheDefaultCluster() {
    Config.Cluster byUrl =
        config("--discovery=http://127.0.0.1:1/x", "--discovery-proxy=p:3128").cluster();
    assertThat(byUrl.initialCluster().members()).isEmpty();
    assertThat(byUrl.discovery().url()).isEqualTo("http://127.0.0.1:1/x");
    assertThat(byUrl.discovery().proxy()).isEqualTo("p:3128");
    assertThat(byUrl.discovery().fallsBackToProxy()).isFalse();

    Config.Cluster byRecords =
        config("--discovery-srv=example.com", "--discovery-srv-name=prod").cluster();
    assertThat(byRecords.initialCluster().members()).isEmpty();
    assertThat(byRecords.discovery().srvDomain()).isEqualTo("example.com");
    assertThat(byRecords.discovery().srvName()).isEqualTo("prod");
  }

  @Test
  void aProxyIsAFallbackOfDiscoveryByUrlOnly() {
    assertThat(
            config("--discovery=http://127.0.0.1:1/x", "--discovery-fallback=proxy")
                .cluster()
                .discovery()
                .fallsBackToProxy())
        .isTrue();
    assertThat(exit(parse("--discovery-srv=example.com", "--discovery-fallback=proxy")).stderr())
        .contains("v2 proxy is deprecated");
  }

  @Test
  void listeningElsewhereWithoutAdvertisingIsRefusedTwice() {
    Parsed.Exit exit = exit(parse("--listen-client-urls=http://127.0.0.1:33999"));

    String error =
        "--advertise-client-urls is required when --listen-client-urls is set explicitly";
    assertThat(exit.code()).isEqualTo(1);
    assertThat(exit.stderr())
        .endsWith(
            warning(error)
                + warning(error)
                    .replace("failed to verify flags", "advertise client URLs are not set"));
  }

  @Test
  void aHostNameToListenOnIsRefusedBeforeTheMissingAdvertisement() {
    assertThat(exit(parse("--listen-client-urls=http://example.com:2379")).stderr())
        .endsWith(warning("expected IP in URL for binding (http://example.com:2379)"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "--auto-compaction-retention=bad | error parsing CompactionRetention: time: invalid"
            + " duration \"bad\"",
        "--listen-client-urls https://127.0.0.1:7379 | TLS key/cert (--cert-file, --key-file) must"
            + " be provided for client url https://127.0.0.1:7379 with HTTPS scheme",
        "--listen-peer-urls https://127.0.0.1:1 | cannot listen on TLS for 127.0.0.1:1: KeyFile and"
            + " CertFile are not presented",
        "--peer-cert-file a --peer-key-file b --peer-cert-allowed-cn c,d"
            + " --peer-cert-allowed-hostname e | AllowedCNs and AllowedHostnames are mutually"
            + " exclusive (cns=[\"c\" \"d\"], hostnames=[\"e\"])",
        "--cipher-suites foo | unexpected TLS cipher suite \"foo\"",
        "--auth-token foo | auth: invalid auth options",
        "--auth-token jwt | auth: invalid auth options",
        "--initial-cluster default=foo | error setting up initial cluster: URL scheme must be http,"
            + " https, unix, or unixs: foo",
      })
  void whatEtcdFindsLateIsCalledDiscoveryFailed(String line, String error) {
    Parsed.Exit exit = exit(withUrls(line));

    assertThat(exit.code()).isEqualTo(1);
    assertThat(exit.stderr()).isEqualTo(fatal(error));
  }

  // ---- What runs

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--metrics foo",
        "--snapshot-count 0",
        "--initial-cluster-token=",
        "--max-concurrent-streams 0",
        "--self-signed-cert-validity 0",
        "--cert-file /nonexist",
        "--client-cert-auth",
        "--backend-bbolt-freelist-type foo",
        "--host-whitelist a,b",
        "--v2-deprecation gone",
        "--enable-v2=true",
        "--auto-compaction-mode revision --auto-compaction-retention 1h",
        "--max-txn-ops 0x10",
        "--max-txn-ops 1_000",
        "-v --snapshot",
        "--",
      })
  void whatEtcdRunsWithWeRunWith(String line) {
    run(withUrls(line));
  }

  @Test
  void withNothingSaidTheDefaultsAreThoseOfEtcd() {
    Config config = config();

    assertThat(config.cluster().name()).isEqualTo("default");
    assertThat(config.cluster().initialCluster()).hasToString("default=http://localhost:2380");
    assertThat(config.cluster().advertiseClientUrls())
        .containsExactly(EtcdUrl.parse("http://localhost:2379"));
    assertThat(config.cluster().state()).isEqualTo(ClusterState.NEW);
    assertThat(config.cluster().token()).isEqualTo("etcd-cluster");
    assertThat(config.storage().dataDir()).isEqualTo("default.etcd");
    assertThat(config.storage().snapshotCount()).isEqualTo(10_000);
    assertThat(config.raft().electionMillis()).isEqualTo(1000);
    assertThat(config.raft().preVote()).isTrue();
    assertThat(config.limits().maxRequestBytes()).isEqualTo(1_572_864);
    assertThat(config.limits().maxConcurrentStreams()).isEqualTo(4_294_967_295L);
    assertThat(config.limits().keepaliveInterval()).isEqualTo(Duration.ofHours(2));
    assertThat(config.compaction().auto()).isEqualTo(new AutoCompaction.Off());
    assertThat(config.http().cors()).containsExactly("*");
    assertThat(config.isOpen(Gate.TXN_MODE_WRITE_WITH_SHARED_BUFFER)).isTrue();
    assertThat(config.isOpen(Gate.LEASE_CHECKPOINT)).isFalse();
    assertThat(config.log().format()).isEqualTo(LogFormat.JSON);
  }

  @Test
  void aNameAloneMakesAClusterOfOneAndItsDirectory() {
    Config config = config("--name", "n1", "--initial-advertise-peer-urls=http://10.0.0.1:2380");

    assertThat(config.cluster().initialCluster()).hasToString("n1=http://10.0.0.1:2380");
    assertThat(config.storage().dataDir()).isEqualTo("n1.etcd");
  }

  @Test
  void oneAndTwoDashesEqualsAndBlankMeanTheSame() {
    for (String[] args :
        List.of(
            new String[] {"--name", "x"},
            new String[] {"-name", "x"},
            new String[] {"--name=x"},
            new String[] {"-name=x"},
            new String[] {"--name=w", "--name=x"})) {
      assertThat(config(args).cluster().name()).isEqualTo("x");
    }
  }

  @Test
  void oldSpellingsSetWhatTheyAreCalledToday() {
    Config config =
        config(
            "--experimental-compaction-batch-limit=7",
            "--experimental-watch-progress-notify-interval=3s",
            "--experimental-initial-corrupt-check",
            "--experimental-enable-lease-checkpoint=true",
            "--debug");

    assertThat(config.compaction().batchLimit()).isEqualTo(7);
    assertThat(config.limits().watchProgressInterval()).isEqualTo(Duration.ofSeconds(3));
    assertThat(config.checks().initialCorruptCheck()).isTrue();
    assertThat(config.isOpen(Gate.LEASE_CHECKPOINT)).isTrue();
    assertThat(config.log().level()).isEqualTo(Level.DEBUG);
  }

  @Test
  void groupsOfGatesYieldToGatesByName() {
    Config config = config("--feature-gates=AllAlpha=true,InitialCorruptCheck=false,AllBeta=false");

    assertThat(config.isOpen(Gate.LEASE_CHECKPOINT)).isTrue();
    assertThat(config.isOpen(Gate.INITIAL_CORRUPT_CHECK)).isFalse();
    assertThat(config.isOpen(Gate.FAST_LEASE_KEEP_ALIVE)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"periodic,1,PT1H", "periodic,30m,PT30M", "'',1h30m,PT1H30M"})
  void compactionByTimeTakesHoursOrADuration(String mode, String retention, Duration expected) {
    Config config =
        config("--auto-compaction-mode=" + mode, "--auto-compaction-retention=" + retention);

    assertThat(config.compaction().auto()).isEqualTo(new AutoCompaction.Periodic(expected));
  }

  @Test
  void compactionByRevisionTakesANumber() {
    Config config =
        config("--auto-compaction-mode=revision", "--auto-compaction-retention", "1000");

    assertThat(config.compaction().auto()).isEqualTo(new AutoCompaction.Revisions(1000));
  }

  @Test
  void urlListsAreSortedAndFreeOfRepetitions() {
    Config config =
        config(
            "--listen-client-urls",
            "unix://localhost:7001,http://127.0.0.1:2,http://[::1]:1,http://127.0.0.1:2",
            "--advertise-client-urls=http://a:1");

    assertThat(config.listeners().client())
        .extracting(EtcdUrl::toString)
        .containsExactly("http://127.0.0.1:2", "http://[::1]:1", "unix://localhost:7001");
    assertThat(config.listeners().client().get(1).host()).isEqualTo("::1");
    assertThat(config.listeners().client().get(2).socketFile()).isEqualTo("localhost:7001");
  }

  @Test
  void listeningForPeersOnAllAddressesAdvertisesTheDefaultRoute() {
    Config config = config("--name=n", "--listen-peer-urls=http://0.0.0.0:1234");

    assertThat(config.cluster().advertisePeerUrls())
        .containsExactly(EtcdUrl.parse("http://10.1.2.3:1234"));
    assertThat(config.cluster().initialCluster()).hasToString("n=http://10.1.2.3:1234");
  }

  @Test
  void shortPeerTimeoutsAreRaised() {
    assertThat(config("--raft-read-timeout=1s").raft().peerReadTimeout())
        .isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void chachaSuitesGoByGosNameToo() {
    assertThat(
            config("--cipher-suites=TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305")
                .security()
                .cipherSuites())
        .containsExactly("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
  }

  @Test
  void aCertificateThatNoListenerUsesIsMentioned() {
    Parsed parsed = withUrls("--cert-file a --key-file b --client-cert-auth");

    assertThat(messages(parsed))
        .contains(
            "scheme is http or unix while key and cert files are present; ignoring key and cert"
                + " files",
            "scheme is http or unix while --client-cert-auth is enabled; ignoring client cert auth"
                + " for this URL");
  }

  @Test
  void aCertificateIsMadeOnlyWhereNoneIsGiven() {
    Config.Security made = run(withUrls("--auto-tls --peer-auto-tls")).config().security();
    assertThat(made.client()).returns(true, Config.TlsFiles::automatic);
    assertThat(made.peer()).returns(true, Config.TlsFiles::automatic);

    Parsed given = withUrls("--peer-cert-file a --peer-key-file b --peer-auto-tls");
    assertThat(run(given).config().security().peer()).returns(false, Config.TlsFiles::automatic);
    assertThat(messages(given)).contains("ignoring peer auto TLS since certs given");
  }

  // ---- Version and help

  @Test
  void theVersionStartsWithTheOneOfEtcd() {
    Parsed.Exit exit = exit(parse("--name=x", "-version"));

    assertThat(exit.code()).isZero();
    assertThat(exit.stdout())
        .matches(
            "(?s)etcd Version: 3\\.7\\.1\nGit SHA: .*\nGo Version: go.*\nGo OS/Arch:"
                + " linux/.*\netcdj Version: .*\n");
    assertThat(exit.stderr()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "-help"})
  void helpListsEveryFlag(String word) {
    Parsed.Exit exit = exit(parse(word, "--bogus"));

    assertThat(exit.code()).isZero();
    assertThat(exit.stderr()).startsWith("Usage:");
    for (String name : Flags.ALL.keySet()) {
      assertThat(exit.stdout()).contains("  --" + name + " '");
    }
  }

  // ---- Environment

  @Test
  void aVariableStandsInForAFlag() {
    Parsed parsed =
        parse(
            Map.of("ETCD_NAME", "envname", "ETCD_PRE_VOTE", "", "ETCD_NOSUCH", "q", "HOME", "/"),
            List.of());

    assertThat(run(parsed).config().cluster().name()).isEqualTo("envname");
    assertThat(run(parsed).config().raft().preVote()).isTrue();
    assertThat(run(parsed).notices())
        .contains(
            Entry.info(
                "recognized and used environment variable",
                "variable-name",
                "ETCD_NAME",
                "variable-value",
                "envname"),
            Entry.warn("unrecognized environment variable", "environment-variable", "ETCD_NOSUCH"));
  }

  @Test
  void harnessVariablesAreTolerated() {
    Parsed parsed =
        parse(
            Map.of("ETCD_VERIFY", "all", "ETCD_UNSUPPORTED_ARCH", "arm64", "ETCD_JAVA_OPTS", "-X"),
            List.of());

    assertThat(messages(parsed)).doesNotContain("unrecognized environment variable");
  }

  @ParameterizedTest
  @ValueSource(strings = {"q", ""})
  void aVariableBesideItsFlagIsFatal(String value) {
    Parsed.Exit exit = exit(parse(Map.of("ETCD_NAME", value), List.of("--name=z")));

    assertThat(exit.code()).isEqualTo(1);
    assertThat(exit.stderr())
        .isEqualTo(
            "{\"level\":\"fatal\",\"ts\":\"2026-11-21T00:00:00Z\",\"msg\":\"conflicting environment"
                + " variable is shadowed by corresponding command-line flag (either unset"
                + " environment variable or disable flag))\",\"environment-variable\":\"ETCD_NAME\"}\n");
  }

  @Test
  void aBadVariableIsRefused() {
    Parsed.Exit exit = exit(parse(Map.of("ETCD_MAX_TXN_OPS", "abc"), List.of()));

    assertThat(exit.code()).isEqualTo(1);
    assertThat(exit.stderr())
        .endsWith(warning("invalid value \"abc\" for ETCD_MAX_TXN_OPS: parse error"));
  }

  @Test
  void theVariableOfTheVersionIsIgnored() {
    assertThat(messages(parse(Map.of("ETCD_VERSION", "3.5.0"), List.of())))
        .contains("cannot set special environment variable");
  }

  // ---- Configuration files

  private String file(String text) throws Exception {
    return Files.writeString(dir.resolve("etcd.yml"), text).toString();
  }

  @Test
  void aFileExcludesFlagsAndEnvironment() throws Exception {
    String file =
        file(
            """
            name: filed
            data-dir: /tmp/d
            listen-client-urls: http://127.0.0.1:1,http://127.0.0.1:2
            snapshot-count: 77
            grpc-keepalive-min-time: 1000000000
            warning-apply-duration: 2s
            initial-cluster-state: existing
            strict-reconfig-check: false
            log-outputs: [stderr, stdout]
            log-format: console
            feature-gates: InitialCorruptCheck=true
            unknown-key: 1
            client-transport-security:
              cert-file: c.pem
              key-file: k.pem
              client-cert-auth: true
              trusted-ca-file: ca.pem
            peer-transport-security:
              cert-file: pc.pem
            """);
    Parsed parsed =
        parse(Map.of("ETCD_NAME", "env"), List.of("--name", "flag", "--config-file", file));
    Config config = run(parsed).config();

    assertThat(config.cluster().name()).isEqualTo("filed");
    assertThat(config.cluster().initialCluster()).hasToString("filed=http://localhost:2380");
    assertThat(config.cluster().advertiseClientUrls())
        .containsExactly(EtcdUrl.parse("http://localhost:2379"));
    assertThat(config.cluster().state()).isEqualTo(ClusterState.EXISTING);
    assertThat(config.cluster().strictReconfigCheck()).isFalse();
    assertThat(config.listeners().client()).hasSize(2);
    assertThat(config.storage().snapshotCount()).isEqualTo(77);
    assertThat(config.limits().keepaliveMinTime()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.limits().warningApplyDuration()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.log().outputs()).containsExactly("stderr", "stdout");
    assertThat(config.log().format()).isEqualTo(LogFormat.CONSOLE);
    assertThat(config.checks().initialCorruptCheck()).isTrue();
    assertThat(config.security().client().certFile()).isEqualTo("c.pem");
    assertThat(config.security().client().clientCertAuth()).isTrue();
    assertThat(config.security().peer().certFile()).isEqualTo("pc.pem");
    assertThat(messages(parsed).get(0)).startsWith("loaded server configuration, other");
  }

  @Test
  void aFileThatNamesTheOnlyClientsToLetInIsRefused() throws Exception {
    String file = file("client-transport-security: {client-cert-auth: true, allowed-cn: [svc]}");

    assertThat(exit(parse("--config-file", file)).toString()).contains("allowed-cn: [svc]");
  }

  @Test
  void aFileMayBeJsonAndNamedByTheEnvironment() throws Exception {
    String file = file("{\"name\": \"j\", \"max-txn-ops\": 5, \"enable-pprof\": true}");
    Config config = run(parse(Map.of("ETCD_CONFIG_FILE", file), List.of())).config();

    assertThat(config.cluster().name()).isEqualTo("j");
    assertThat(config.limits().maxTxnOps()).isEqualTo(5);
    assertThat(config.http().pprof()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "name: [x | error converting YAML to JSON: yaml: line 1: did not find expected ',' or ']'",
        "snapshot-count: abc | error unmarshaling JSON: while decoding JSON: json: cannot unmarshal"
            + " string into Go struct field configYAML.snapshot-count of type uint64",
        "initial-cluster-state: foo | unexpected clusterState \"foo\"",
        "log-outputs: [/nonexistent/x] | open sink \"/nonexistent/x\": open /nonexistent/x: no such"
            + " file or directory",
      })
  void aBadFileIsRefused(String text, String error) throws Exception {
    Parsed.Exit exit = exit(parse("--config-file", file(text + "\n")));

    assertThat(exit.code()).isEqualTo(1);
    assertThat(exit.stderr()).endsWith(warning(error));
  }

  @Test
  void aBadUrlInAFileStopsWithoutTheLog() throws Exception {
    Parsed.Exit exit = exit(parse("--config-file", file("listen-peer-urls: foo\n")));

    assertThat(exit.code()).isEqualTo(1);
    assertThat(exit.stderr())
        .isEqualTo(
            "unexpected error setting up listen-peer-urls: URL scheme must be http, https, unix, or"
                + " unixs: foo\n");
  }
}
