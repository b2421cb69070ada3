package io.etcdj.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What needs no server. */
class EtcdctlTest {
  private static Run run(String... args) {
    return Run.ours(Etcdctl::run, Map.of(), "", args);
  }

  private static void assertError(int exitCode, String text, String... args) {
    assertThat(run(args)).isEqualTo(new Run(exitCode, "", "Error: " + text + "\n"));
  }

  @Test
  void theVersionIsThatOfTheEtcdItStandsInFor() {
    assertThat(run("version"))
        .isEqualTo(new Run(0, "etcdctl version: 3.7.1\nAPI version: 3.7\n", ""));
  }

  @Test
  void anUnknownCommandIsAnsweredWithSuggestions() {
    assertError(
        1, "unknown command \"nosuch\" for \"etcdctl\"\nRun 'etcdctl --help' for usage.", "nosuch");
    assertError(
        1,
        "unknown command \"set\" for \"etcdctl\"\n\nDid you mean this?\n\tget\n\tput\n\tdel\n\tuser\n\n"
            + "Run 'etcdctl --help' for usage.",
        "set",
        "a",
        "b");
  }

  @Test
  void anUnknownFlagIsAnsweredWithTheUsage() {
    Run run = run("lease", "grant", "-1");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .startsWith(
            """
            Error: unknown shorthand flag: '1' in -1
            Usage:
              etcdctl lease grant <ttl> [flags]

            Flags:
              -h, --help   help for grant
            """);
  }

  @Test
  void aGroupShowsItsHelpWhateverFollows() {
    Run run = run("snapshot", "status", "s.db");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .startsWith("Manages etcd node snapshots\n\nUsage:\n  etcdctl snapshot [command]\n");
  }

  @Test
  void namesMayBeShortened() {
    assertError(128, "member ID is not provided", "mem", "rem");
  }

  @Test
  void argumentsAreCheckedBeforeAnyConnection() {
    assertError(
        128, "get command needs one argument as key and an optional argument as range_end", "get");
    assertError(
        128,
        "`--prefix` and `--from-key` cannot be set at the same time, choose one",
        "get",
        "a",
        "--prefix",
        "--from-key");
    assertError(4, "bad sort order x", "get", "foo", "--order", "x");
    assertError(4, "unknown consistency flag \"x\"", "get", "foo", "--consistency", "x");
    assertError(
        128, "put command needs 1 argument and input from stdin or 2 arguments", "put", "a");
    assertError(
        128, "bad TTL (strconv.ParseInt: parsing \"x\": invalid syntax)", "lease", "grant", "x");
    assertError(128, "empty user name is not allowed", "user", "add", ":x");
    assertError(128, "TARGET_VERSION not provided", "downgrade", "validate");
    assertError(128, "snapshot save expects one argument <filename>", "snapshot", "save");
    assertError(4, "unsupported output format", "get", "foo", "-w", "xml");
    assertError(128, "open nofile: no such file or directory", "--cacert", "nofile", "get", "foo");
    assertError(
        128,
        "KeyFile and CertFile must both be present[key: , cert: nofile]",
        "--cert",
        "nofile",
        "get",
        "foo");
    assertError(128, "empty string is passed to --cert option", "--cert=", "get", "foo");
  }

  @Test
  void nobodyAtTheEndpointsIsADeadlineExceeded() {
    assertError(
        1,
        "context deadline exceeded",
        "--endpoints=127.0.0.1:1,bad:x:y,@,unix:nosock",
        "get",
        "a",
        "--command-timeout=200ms");
  }

  @Test
  void variablesSetFlagsButNotAgainstTheCommandLine() {
    Map<String, String> variables = Map.of("ETCDCTL_WRITE_OUT", "xml");
    assertThat(Run.ours(Etcdctl::run, variables, "", "get", "a").err())
        .isEqualTo("Error: unsupported output format\n");
    Run conflict = Run.ours(Etcdctl::run, variables, "", "get", "a", "-w", "json");
    assertThat(conflict.exitCode()).isEqualTo(1);
    assertThat(conflict.err())
        .startsWith("{\"level\":\"fatal\"")
        .contains("conflicting environment variable is shadowed by corresponding command-line flag")
        .contains("\"environment-variable\":\"ETCDCTL_WRITE_OUT\"");
    Run unknown = Run.ours(Etcdctl::run, Map.of("ETCDCTL_BOGUS", "1"), "", "get", "a", "-w", "xml");
    assertThat(unknown.err())
        .contains("unrecognized environment variable")
        .contains("ETCDCTL_BOGUS=1");
  }

  @Test
  void rawArgumentsAreTheLastStringsOfTheCommandLine() {
    byte[] line =
        "java\0-cp\0x\0Main\0put\0\0é\0".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    assertThat(RawArguments.lastArguments(line, 3)).containsExactly("put", "", "é");
  }
}
