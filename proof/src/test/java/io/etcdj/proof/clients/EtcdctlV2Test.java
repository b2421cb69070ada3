package io.etcdj.proof.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.etcdj.proof.Command;
import io.etcdj.proof.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same v2 commands by our etcdctl and by the original one, each at an original etcd of its own:
 * they print the same on both streams and end the same way.
 */
@Timeout(300)
class EtcdctlV2Test {
  @TempDir private Path directory;
  private ServerProcess ours;
  private ServerProcess theirs;

  @BeforeEach
  void start() {
    assumeTrue(
        Files.isExecutable(ServerProcess.ORIGINAL) && Files.isExecutable(Command.ETCDCTL),
        "needs /usr/bin/etcd and /usr/bin/etcdctl 3.4 (on Debian: etcd-server, etcd-client)");
    assumeTrue(
        Command.run(null, Map.of(), List.of(ServerProcess.ORIGINAL.toString(), "--version"))
            .said()
            .startsWith("etcd Version: 3.4."),
        "needs an etcd that still has the v2 API");
    ours = server("ours");
    theirs = server("theirs");
  }

  private ServerProcess server(String name, String... flags) {
    return ServerProcess.start(
        ServerProcess.Settings.original(directory.resolve(name))
            .withFlags("--enable-v2=true")
            .withFlags(flags));
  }

  @AfterEach
  void stop() {
    for (ServerProcess server : new ServerProcess[] {ours, theirs}) {
      if (server != null) {
        server.close();
      }
    }
  }

  private static final String WAITING =
      """
      metrics() {
        exec 9<> /dev/tcp/127.0.0.1/$PORT
        printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&9
        cat <&9
        exec 9>&-
      }
      watchers() {
        until metrics | grep -q "^etcd_debugging_store_watchers $1"; do sleep 0.05; done
      }
      lines() {
        until [ "$(wc -l < $F)" -ge $1 ]; do sleep 0.05; done
      }
      """;

  /**
   * What a shell prints for a script in which {@code $E} is etcdctl, {@code $F} a file, {@code
   * watchers N} waits until the server has N watchers, {@code lines N} until the file has N lines.
   */
  private String shell(ServerProcess server, String program, String script) {
    Path home = server.settings().dataDirectory();
    Path out = home.resolve("out");
    Path err = home.resolve("err");
    Command run =
        Command.run(
            null,
            Map.of(
                "ETCDCTL_API",
                "2",
                "ETCDCTL_ENDPOINTS",
                server.endpoint(),
                "E",
                program,
                "F",
                home.resolve("file").toString(),
                "PORT",
                Integer.toString(server.clientPort()),
                "PEER",
                "http://127.0.0.1:" + server.settings().peerPort()),
            List.of("/bin/bash", "-c", WAITING + "{ " + script + "\n} >" + out + " 2>" + err));
    try {
      return masked(server, Files.readString(out, UTF_8))
          + "--- stderr\n"
          + masked(server, Files.readString(err, UTF_8))
          + "--- exit "
          + run.exitCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ids, ports and times are each server's own, versions each client's. */
  private static String masked(ServerProcess server, String said) {
    return Identity.masked(server, said)
        .replaceAll("\"expiration\":\"[^\"]*\"", "\"expiration\":\"T\"")
        .replaceAll("(\"ttl\":|TTL: )[1-9]\\d*", "$1N")
        .replaceAll("\\b3\\.\\d+\\.\\d+\\b", "VERSION")
        .replaceAll("(?m)^stty: .*\n", ""); // that client hides passwords by another program
  }

  private void prints(String script) {
    var expected =
        CompletableFuture.supplyAsync(() -> shell(theirs, Command.ETCDCTL.toString(), script));
    String said = shell(ours, String.join(" ", Command.OUR_ETCDCTL), script);
    assertThat(said).as(script).isEqualTo(expected.join());
  }

  private void print(String... scripts) {
    for (String script : scripts) {
      prints(script);
    }
  }

  @Test
  void aSessionOnKeysAndDirectories() {
    print(
        "$E cluster-health",
        "$E member list",
        "$E set testkey 'hello world'; $E get testkey",
        "$E mkdir testdir; $E set /testdir/testkey 'Hello world'",
        "$E get /testdir/testkey",
        "$E get /testdir/testkey2",
        "$E update /testdir/testkey Hello",
        "$E update /testdir/nokey Hello",
        "$E rm /testdir/testkey",
        "$E rm /testdir/testkey",
        "$E mk /testdir/testkey 'Hello world'",
        "$E mk /testdir/testkey 'Hello world'",
        "$E mkdir testdir2",
        "$E mkdir testdir2",
        "$E setdir testdir3",
        "$E setdir testdir3",
        "$E updatedir testdir2 --ttl 100",
        "$E updatedir nodir",
        "$E setdir dir1; $E rmdir dir1",
        "$E set /dir/testkey hi; $E rmdir /dir",
        "$E ls | sort; $E ls dir; $E ls -p --sort",
        "$E ls --sort -r",
        "$E ls /nonexist",
        "$E get /dir",
        "$E rm /dir",
        "$E rm --dir /dir",
        "$E rm --recursive /dir",
        "$E set /dir2/a 1; $E rmdir /dir2/a",
        "$E get -q testkey; $E get testkey --sort");
  }

  @Test
  void whatIsComparedExpiresOrIsInOrder() {
    print(
        "$E set /t hi --ttl 100; $E -o extended get /t; $E -o json get /t",
        "$E -o json set /t hi2; $E -o extended set /t hi3; $E -o bogus get /t",
        "$E set /t hi --swap-with-value hi3",
        "$E set /t hi --swap-with-value nope",
        "$E set /t hi5 --swap-with-index 1",
        "$E rm /t --with-value nope",
        "$E rm /t --with-index 3",
        "$E rm /t --with-value hi",
        "$E mk --in-order /queue v1; $E mk --in-order /queue v2; $E ls --sort /queue",
        "$E -o json ls --sort /queue; $E -o extended ls /queue; $E -o json mkdir d",
        "echo from-stdin | $E set /stdin; $E get --quorum /stdin; $E set k < /dev/null",
        "printf 'a\\n' | $E set /stdin2 -; $E set k -- -y; $E set -- k -x; $E get k",
        "$E set 'a b/c?d%e' 'x y&z=ü\"\\'; $E get 'a b/c?d%e'; $E --debug get 'a b/c?d%e'",
        "$E --debug --no-sync set /stdin z --ttl 5",
        "$E --no-sync --endpoints $ETCDCTL_ENDPOINTS get k; $E -C $ETCDCTL_ENDPOINTS get k",
        "$E rm /; $E get /; $E set / x; $E ls /_none");
  }

  @Test
  void changesAreWatched() {
    String meanwhile = " & W=$!; watchers 1; ";
    String end = "kill $W; { wait $W; } 2> /dev/null; watchers 0; cat $F";
    print(
        "$E watch /w" + meanwhile + "$E set /w v1 > /dev/null; wait $W; echo $?",
        "$E -o json watch /w" + meanwhile + "$E set /w v2 > /dev/null; wait $W; echo $?",
        "$E watch /w" + meanwhile + "$E rm /w > /dev/null; wait $W; echo $?",
        "$E watch --recursive --forever /wd > $F"
            + meanwhile
            + "for i in 1 2; do $E set /wd/a v$i > /dev/null; done; $E mkdir /wd/d;"
            + " $E rm /wd/a > /dev/null; lines 4; "
            + end,
        "$E watch /wd/a --after-index 3",
        "$E exec-watch --recursive /x -- sh -c"
            + " 'echo $ETCD_WATCH_KEY $ETCD_WATCH_ACTION $ETCD_WATCH_VALUE"
            + " $ETCD_WATCH_MODIFIED_INDEX' > $F"
            + meanwhile
            + "$E mkdir /x/d; $E set /x/y v > /dev/null; lines 1;"
            + " $E rm /x/y > /dev/null; lines 2; "
            + end,
        "$E exec-watch --recursive /x -- nosuchcommand"
            + meanwhile
            + "$E set /x/y v > /dev/null; wait $W; echo $?");
  }

  @Test
  void usersAndRoles() {
    String root = "$E -u root:rp ";
    print(
        "$E auth enable; $E auth disable; $E user list; $E role list",
        "$E user add root:rp; $E user get root; $E user get nobody",
        "$E auth enable; $E auth enable; $E user list",
        root + "user list; " + root + "role list; " + root + "auth enable",
        root + "role add rw; " + root + "role add rw; " + root + "role get rw",
        root + "role get none; " + root + "role grant rw --path '/foo/*' --readwrite",
        root + "role grant rw --path /bar --rw; " + root + "role grant rw --path /bar --read",
        root + "role revoke rw --path /bar --write; " + root + "role get rw",
        root + "role revoke rw --path /nope --write",
        root + "user add ming:pw; " + root + "user grant ming --roles rw",
        root + "user grant ming --roles rw; " + root + "user get ming",
        "$E -u ming:pw set /foo/x 1; $E -u ming:bad set /foo/x 1",
        root + "role revoke guest --path '/*' --readwrite; $E set /foo/x 1; $E get /foo/x",
        "$E -u ming:pw set /other 1; echo pw | $E -u ming get /foo/x",
        "echo new | " + root + "user add other; ETCDCTL_USERNAME=other:new $E ls /",
        root + "user revoke ming --roles rw; " + root + "user revoke ming --roles rw",
        root + "user remove ming; " + root + "user remove ming; " + root + "role remove rw",
        root + "role remove rw; " + root + "auth disable");
  }

  @Test
  void pagesAndComplaints() {
    print(
        "$E --version; $E -h; $E; $E help; $E bogus; $E help bogus; $E --bogus; $E -o",
        "for c in backup cluster-health mk mkdir rm rmdir get ls set setdir update; do $E $c -h; done",
        "for c in updatedir watch exec-watch member user role auth; do $E $c -h; $E help $c; done",
        "for c in list add remove update; do $E member $c -h; $E member help $c; done; $E member help",
        "for c in add get list remove grant revoke passwd; do $E user $c -h; done",
        "for c in add get list remove grant revoke; do $E role $c -h; done; $E auth enable -h",
        "$E get; $E set; $E mk; $E mkdir; $E rm; $E update k < /dev/null; $E watch; $E exec-watch k",
        "$E get --bogus x; $E set k v --ttl x; $E mk -ttl; $E member --bogus; $E member bogus",
        "$E member add; $E member add x; $E member remove; $E member update; $E member list x",
        "$E member remove 1234; $E member remove m1; $E member add foo bar",
        "$E user grant u; $E role grant r; $E role grant r --path x; $E role grant r --path /x",
        "$E --endpoints 127.0.0.1:1 ls; $E --ca-file /nowhere ls; $E --cert-file /nowhere ls",
        "$E --endpoints http://127.0.0.1:1 ls; $E --endpoints http://127.0.0.1:1 cluster-health",
        "$E --no-sync --endpoints http://127.0.0.1:1 mk k v",
        "$E --endpoints $PEER get k; $E --endpoints $PEER member list");
  }

  @Test
  void aMemberIsAdded() {
    // Without the new one they have no majority, and lead only until they notice.
    stop();
    ours = server("patient", "--election-timeout=6000");
    theirs = server("patientToo", "--election-timeout=6000");
    // Members come in the order of their ids, which differ.
    prints(
        "$E member add etcd-9 http://127.0.0.1:1 | tr ',\"' '\\n' | sort;"
            + " $E member list | cut -d: -f2- | sort");
  }
}
