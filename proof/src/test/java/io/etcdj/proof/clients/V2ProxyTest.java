package io.etcdj.proof.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.etcdj.proof.Command;
import io.etcdj.proof.ServerProcess;
import io.etcdj.proof.ServerProcess.Settings;
import io.etcdj.proof.cluster.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our proxy and the original one in front of the same member: clients see no difference. */
@Timeout(180)
class V2ProxyTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String CONFIGURATION = "/v2/config/local/proxy";
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir private Path directory;

  @BeforeAll
  static void needsTheOriginal() {
    assumeTrue(
        Files.isExecutable(ServerProcess.ORIGINAL)
            && Command.run(null, Map.of(), List.of(ServerProcess.ORIGINAL.toString(), "--version"))
                .said()
                .startsWith("etcd Version: 3.4."),
        "needs an etcd that still has the v2 proxy");
  }

  private ServerProcess server() {
    return ServerProcess.start(
        Settings.ours(directory.resolve("server")).withFlags("--enable-v2=true"));
  }

  private static ServerProcess proxy(Settings settings, ServerProcess server, String mode)
      throws InterruptedException {
    ServerProcess proxy =
        ServerProcess.launch(
            settings.withFlags(
                "--proxy=" + mode,
                "--proxy-refresh-interval=300000", // what they know stays for the whole test
                "--initial-cluster=proof=http://127.0.0.1:" + server.settings().peerPort()));
    try {
      Await.that(
          SOON, "it knows the member", () -> ask(proxy, "GET", CONFIGURATION).contains("//"));
      return proxy;
    } catch (AssertionError | RuntimeException e) {
      proxy.close();
      throw e;
    }
  }

  /** The answer with what may differ by nothing but the time left out; of a closed port, "". */
  private static String ask(ServerProcess at, String verb, String path, String... form) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(at.endpoint() + path))
            .timeout(Duration.ofSeconds(20))
            .method(verb, HttpRequest.BodyPublishers.ofString(String.join("&", form)))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .build();
    try {
      HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      List<String> shown = new ArrayList<>(List.of(Integer.toString(answer.statusCode())));
      for (String name : List.of("Content-Type", "Allow", "X-Etcd-Index", "X-Etcd-Cluster-Id")) {
        shown.add(name + ": " + String.join(" and ", answer.headers().allValues(name)));
      }
      shown.add(answer.body());
      return String.join("\n", shown);
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Test
  void bothPassOnTheSameAndSayTheSameOfThemselves() throws Exception {
    try (ServerProcess server = server();
        ServerProcess ours = proxy(Settings.ours(directory.resolve("ours")), server, "on");
        ServerProcess theirs =
            proxy(Settings.original(directory.resolve("theirs")), server, "on")) {
      assertThat(ask(ours, "PUT", "/v2/keys/a", "value=x+y")).startsWith("201");
      assertThat(ask(theirs, "PUT", "/v2/keys/b", "value=x+y")).startsWith("201");
      String[][] asked = {
        {"GET", "/v2/keys/a"},
        {"GET", "/v2/keys/b?quorum=true"},
        {"GET", "/v2/keys?recursive=true&sorted=true"},
        {"GET", "/v2/keys/none"},
        {"PUT", "/v2/keys/a?prevExist=false", "value=z"},
        {"PATCH", "/v2/keys/a"},
        {"GET", "/v2/members"},
        {"GET", "/version"},
        {"GET", "/health"},
        {"GET", "/nope"},
        {"GET", CONFIGURATION},
        {"PUT", CONFIGURATION},
      };
      for (String[] one : asked) {
        String[] form = one.length == 2 ? new String[0] : new String[] {one[2]};
        assertThat(ask(ours, one[0], one[1], form))
            .as("%s %s\n%s", one[0], one[1], ours.log())
            .isEqualTo(ask(theirs, one[0], one[1], form));
      }
      CompletableFuture<String> poll =
          CompletableFuture.supplyAsync(() -> ask(ours, "GET", "/v2/keys/a?wait=true"));
      Await.that(
          SOON,
          "the poll is told",
          () -> {
            ask(theirs, "PUT", "/v2/keys/a", "value=z");
            return poll.isDone();
          });
      assertThat(poll.get()).startsWith("200").contains("\"value\":\"z\"");
      server.kill();
      for (String status : List.of("502", "503")) { // nobody answers; then nobody is asked
        String answer = ask(ours, "GET", "/v2/keys/a");
        assertThat(answer).startsWith(status).isEqualTo(ask(theirs, "GET", "/v2/keys/a"));
      }
    }
  }

  @Test
  void oneThatOnlyReadsRefusesTheRestAlike() throws Exception {
    try (ServerProcess server = server();
        ServerProcess ours = proxy(Settings.ours(directory.resolve("ours")), server, "readonly");
        ServerProcess theirs =
            proxy(Settings.original(directory.resolve("theirs")), server, "readonly")) {
      String[] verbs = {"GET", "PUT", "POST", "DELETE"};
      for (String verb : verbs) {
        assertThat(ask(ours, verb, "/v2/keys/a"))
            .as(verb)
            .isEqualTo(ask(theirs, verb, "/v2/keys/a"));
      }
    }
  }

  @Test
  void theirClientWorksThroughOursAndWhatItKnewOutlivesIt() throws Exception {
    Settings settings = Settings.ours(directory.resolve("ours"));
    try (ServerProcess server = server()) {
      String peer = "http://127.0.0.1:" + server.settings().peerPort();
      try (ServerProcess proxy = proxy(settings, server, "on")) {
        String at = "--endpoints=" + proxy.endpoint();
        assertThat(Command.etcdctl(2, "--no-sync", at, "set", "/k", "x").orFail()).isEqualTo("x\n");
        assertThat(Command.etcdctl(2, at, "get", "/k").orFail()).isEqualTo("x\n");
        assertThat(Command.etcdctl(2, at, "cluster-health").orFail())
            .endsWith("cluster is healthy\n");
      }
      Path known = settings.dataDirectory().resolve("proxy").resolve("cluster");
      assertThat(known).hasContent("{\"PeerURLs\":[\"" + peer + "\"]}");
      ServerProcess again =
          ServerProcess.launch(settings.withFlags("--initial-cluster=gone=http://127.0.0.1:1"));
      try (again) { // the directory is a proxy's, whatever the flags say
        Await.that(
            SOON, "it finds the member", () -> ask(again, "GET", "/v2/keys/k").startsWith("200"));
      }
    }
  }
}
