package io.etcdj.proof.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.etcdj.proof.Command;
import io.etcdj.proof.ServerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The original command line at our server and at the original one: it prints the same. */
@Timeout(180)
class EtcdctlTest {
  private static ServerProcess ours;
  private static ServerProcess theirs;

  @BeforeAll
  static void start(@TempDir Path directory) {
    assumeTrue(
        Files.isExecutable(ServerProcess.ORIGINAL) && Files.isExecutable(Command.ETCDCTL),
        "needs /usr/bin/etcd and /usr/bin/etcdctl (on Debian: etcd-server, etcd-client)");
    ours = ServerProcess.start(ServerProcess.Settings.ours(directory.resolve("ours")));
    theirs = ServerProcess.start(ServerProcess.Settings.original(directory.resolve("theirs")));
  }

  @AfterAll
  static void stop() {
    for (ServerProcess server : new ServerProcess[] {ours, theirs}) {
      if (server != null) {
        server.close();
      }
    }
  }

  /** What a shell prints for a script in which {@code e} is etcdctl. */
  private static String shell(ServerProcess server, String script) {
    Command run =
        Command.run(
            null,
            Map.of("ETCDCTL_API", "3", "ETCDCTL_ENDPOINTS", server.endpoint()),
            List.of("/bin/bash", "-c", "e() { " + Command.ETCDCTL + " \"$@\"; }\n" + script));
    return masked(server, run.said()) + "exit " + run.exitCode();
  }

  /** Ids, ports and times are each server's own. */
  private static String masked(ServerProcess server, String said) {
    List<String> lines = new ArrayList<>();
    said.lines()
        .filter(line -> !line.contains("retrying of unary invoker failed"))
        .forEach(lines::add);
    return Identity.masked(server, String.join("\n", lines) + "\n")
        .replaceAll("took [0-9.]+[mµ]?s", "took T")
        .replaceAll("took = [0-9.]+[mµ]?s", "took = T")
        .replaceAll("remaining\\(\\d+s\\)", "remaining(T)");
  }

  private static void prints(String script) {
    assertThat(shell(ours, script)).as(script).isEqualTo(shell(theirs, script));
  }

  @Test
  void keys() {
    prints("e put a 1; e put b 2; e put c 3; e put a 4 --prev-kv");
    prints("e get a; e get a -w json; e get a -w fields; e get '' --prefix --keys-only");
    prints(
        "e get a --rev=2; e get a c; e get b --from-key --limit 1; e get none; e get none -w json");
    prints("e get '' --prefix --sort-by=VALUE --order=DESCEND --print-value-only");
    prints("e get a --rev=9999; e put '' v; e put none --ignore-value; e put a v --lease=1234");
    prints("e del b --prev-kv; e del none; e del '' --prefix -w json");
  }

  @Test
  void transactions() {
    prints(
        "e put t 1; printf 'value(\"t\") = \"1\"\\n\\nput t 2\\nget t\\n\\nget t\\n\\n' | e txn");
    prints("printf 'mod(\"t\") > \"0\"\\n\\nget t\\ndel t\\n\\n\\n' | e txn -w json");
    prints("printf '\\nput d 1\\nput d 2\\n\\n\\n' | e txn");
  }

  @Test
  void compactions() {
    prints("for i in 1 2 3 4 5 6; do e put x $i; done; e compaction 3 --physical; e compaction 3");
    prints("e compaction 99999; e get x --rev=2");
  }

  @Test
  void leases() {
    prints(
        "L=$(e lease grant 300 | awk '{print $2}'); e put lk v --lease=$L;"
            + " e lease timetolive $L --keys; e lease keep-alive $L --once; e lease list | head -1;"
            + " e lease revoke $L; e get lk");
    prints("e lease timetolive 1234; e lease revoke 1234; e lease keep-alive 1234");
  }

  @Test
  void watches() {
    prints(
        "e put w 1; R=$(e put w 2 -w json | sed 's/.*revision\":\\([0-9]*\\).*/\\1/');"
            + " e del w >/dev/null; timeout 5 bash -c \""
            + Command.ETCDCTL
            + " watch w --rev=$R --prev-kv | head -8\"");
    prints(
        "e compaction $(e put w 3 -w json | sed 's/.*revision\":\\([0-9]*\\).*/\\1/') >/dev/null;"
            + " timeout 5 bash -c \""
            + Command.ETCDCTL
            + " watch w --rev=1\"");
  }

  @Test
  void locksAndElections() {
    prints(
        "e lock l sh -c 'echo inside $ETCD_LOCK_KEY | cut -d/ -f1'; e lock l true; e lock l false");
    prints(
        "timeout 5 "
            + Command.ETCDCTL
            + " elect boss me | cut -d/ -f1; timeout 5 "
            + Command.ETCDCTL
            + " elect -l boss");
  }

  @Test
  void theServer() {
    prints("e member list; e member list -w json; e member list -w fields");
    prints("e endpoint health; e alarm list; e alarm disarm; e defrag");
    prints("e endpoint hashkv | wc -l; e endpoint status -w json | grep -o '\"leader\"'");
    prints("e check perf --help | head -1");
  }

  @Test
  void mirrors() {
    prints(
        "e put m/1 x; e put m/2 y; timeout 6 "
            + Command.ETCDCTL
            + " make-mirror $ETCDCTL_ENDPOINTS --prefix m/ --dest-prefix n/; e get n/ --prefix");
  }
}
