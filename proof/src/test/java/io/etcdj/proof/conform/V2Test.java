package io.etcdj.proof.conform;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.etcdj.proof.Command;
import io.etcdj.proof.ServerProcess;
import io.etcdj.proof.ServerProcess.Settings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The v2 API of both, asked the same. */
@Timeout(180)
class V2Test {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final String JSON = "application/json";

  @TempDir private Path directory;

  private static HttpRequest request(
      ServerProcess server, String verb, String path, String type, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.endpoint() + path))
            .timeout(Duration.ofSeconds(20))
            .method(verb, HttpRequest.BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("Content-Type", type);
    }
    return request.build();
  }

  /** An answer without times, ids and ports. */
  private static String shown(ServerProcess server, HttpResponse<String> response) {
    List<String> lines = new ArrayList<>();
    lines.add("status " + response.statusCode());
    for (String name :
        List.of("Content-Type", "Allow", "Location", "X-Etcd-Index", "X-Content-Type-Options")) {
      lines.add(name + ": " + response.headers().firstValue(name).orElse("-"));
    }
    for (String name : List.of("X-Etcd-Cluster-Id", "X-Raft-Index", "X-Raft-Term")) {
      lines.add(name + ": " + (response.headers().firstValue(name).isPresent() ? "there" : "-"));
    }
    lines.add(
        response
            .body()
            .replaceAll("\"expiration\":\"[-0-9T:.]+Z\"", "\"expiration\":\"TIME\"")
            .replaceAll("\"ttl\":[0-9]+", "\"ttl\":TTL")
            .replaceAll("\"(id|leader)\":\"[0-9a-f]+\"", "\"$1\":\"ID\"")
            .replace(":" + server.settings().clientPort(), ":CLIENT")
            .replace(":" + server.settings().peerPort(), ":PEER"));
    return String.join("\n", lines);
  }

  private static String ask(
      ServerProcess server, String verb, String path, String type, String body) {
    try {
      String own = body.replace("PEER", Integer.toString(server.settings().peerPort()));
      return shown(
          server,
          HTTP.send(request(server, verb, path, type, own), HttpResponse.BodyHandlers.ofString()));
    } catch (IOException e) {
      throw new AssertionError(verb + " " + path + "\n" + server.log(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Requests as {@code VERB path form}; the answers must be the same. */
  private static final String KEYS =
      """
      GET /v2/keys
      GET /v2/keys/
      PUT /v2/keys/testkey value=hello+world
      PUT /v2/keys/testkey value=hello+world
      GET /v2/keys/testkey
      GET /v2/keys/none
      GET /v2/keys/none/a/b
      GET /v2/keys/testkey/x
      PUT /v2/keys/foo value=bar&ttl=100
      GET /v2/keys/foo
      PUT /v2/keys/foo value=bar&ttl=&prevExist=true
      PUT /v2/keys/foo ttl=300&refresh=true&prevExist=true
      GET /v2/keys/foo
      PUT /v2/keys/foo value=x&refresh=true
      PUT /v2/keys/nofoo ttl=3&refresh=true&prevExist=true
      PUT /v2/keys/foo refresh=true&prevExist=true
      PUT /v2/keys/foo?prevExist=false value=three
      PUT /v2/keys/foo?prevValue=two value=one
      PUT /v2/keys/foo?prevValue=bar value=two
      PUT /v2/keys/foo?prevIndex=1 value=two
      PUT /v2/keys/foo?prevIndex=1&prevValue=zz value=two
      PUT /v2/keys/none?prevValue=x value=y
      PUT /v2/keys/none?prevExist=true value=y
      PUT /v2/keys/foo?prevValue= value=y
      PUT /v2/keys/foo?prevIndex=abc value=y
      PUT /v2/keys/foo?prevExist=abc value=y
      PUT /v2/keys/foo?refresh=abc value=y
      PUT /v2/keys/foo?ttl=abc value=y
      PUT /v2/keys/foo?ttl=-1 value=y
      PUT /v2/keys/foo?dir=maybe value=y
      PUT /v2/keys/foo?wait=true value=y
      PUT /v2/keys/foo value=%zz
      PUT /v2/keys/foo?a=b;c=d
      GET /v2/keys/foo
      DELETE /v2/keys/foo?prevValue=zwei
      DELETE /v2/keys/foo?prevIndex=1
      DELETE /v2/keys/foo?prevValue=two
      DELETE /v2/keys/foo
      POST /v2/keys/queue value=Job1
      POST /v2/keys/queue value=Job2
      GET /v2/keys/queue?recursive=true&sorted=true
      POST /v2/keys/queue value=J&ttl=200
      POST /v2/keys/queue dir=true
      POST /v2/keys/testkey value=x
      PUT /v2/keys/dir dir=true
      PUT /v2/keys/dir dir=true
      PUT /v2/keys/dir dir=true&prevExist=false
      PUT /v2/keys/dir dir=true&ttl=300&prevExist=true
      PUT /v2/keys/dir value=x
      PUT /v2/keys/dir?prevValue=x value=x
      PUT /v2/keys/dir?prevExist=true value=x
      GET /v2/keys/dir
      PUT /v2/keys/foo_dir/foo value=bar
      GET /v2/keys/?recursive=true&sorted=true
      GET /v2/keys/?sorted=true
      PUT /v2/keys/foo_dir value=x
      DELETE /v2/keys/foo_dir
      DELETE /v2/keys/foo_dir?dir=true
      DELETE /v2/keys/foo_dir?prevValue=x
      DELETE /v2/keys/foo_dir?recursive=true
      DELETE /v2/keys/dir?dir=true
      DELETE /v2/keys/
      DELETE /v2/keys/?recursive=true
      PUT /v2/keys/ value=x
      POST /v2/keys value=x
      PUT /v2/keys/_message value=hidden
      PUT /v2/keys/message value=visible
      GET /v2/keys/?sorted=true
      GET /v2/keys/_message
      PUT /v2/keys/foo/bar value=1
      PUT /v2/keys/message/sub value=1
      PUT /v2/keys/testkey?value=fromquery
      PUT /v2/keys/testkey?value=fromquery value=frombody
      PUT /v2/keys/testkey dir=true
      GET /v2/keys/testkey
      GET /v2/keys/message?quorum=true
      GET /v2/keys/none?quorum=true
      GET /v2/keys/message?quorum=xyz
      GET /v2/keys/message?recursive=xyz
      GET /v2/keys/message?wait=xyz
      GET /v2/keys/message?waitIndex=xyz
      GET /v2/keys/message?wait=true&quorum=true
      PUT /v2/keys/message?noValueOnSuccess=true value=q
      GET /v2/keys/message?noValueOnSuccess=true
      DELETE /v2/keys/message?noValueOnSuccess=true
      GET /v2/keys/message?wait=true&waitIndex=4
      GET /v2/keys/queue?wait=true&recursive=true&waitIndex=4
      GET /v2/keys/foo_dir/other?wait=true&waitIndex=4
      PUT /v2/keys/a%20b%2Fc%3Cd value=%3C%26%22%00%C3%BC%0A%5C%09
      GET /v2/keys/a%20b/c%3Cd
      GET /v2/keys//testkey/
      GET /v2/keys/a/../testkey?sorted=true
      GET /v2/keys/%2e%2e/a%20(%0d%C3%BC?x=%27y'
      PUT /v2/keys//testkey value=moved
      PATCH /v2/keys/foo
      HEAD /v2/keys/foo
      HEAD /v2/keys/none
      OPTIONS /v2/keys/foo
      GET /
      GET /v2
      GET /v2/bogus
      GET /v2/members
      GET /v2/members/
      GET /v2/members/leader
      GET /v2/members/1234
      PUT /v2/members
      DELETE /v2/members
      DELETE /v2/members/zz
      DELETE /v2/members/1234
      PATCH /v2/members
      POST /v2/members {"peerURLs":["http://127.0.0.1:9"]}
      GET /v2/machines
      HEAD /v2/machines
      POST /v2/machines
      POST /v2/stats/self
      GET /v2/stats/leader
      GET /v2/stats/
      """;

  private static final List<String> MEMBERS =
      List.of(
          "{\"peerURLs\":[\"http://127.0.0.1:PEER\"]}",
          "{\"peerURLs\":[\"bad\"]}",
          "{\"peerURLs\":[\"http://127.0.0.1\"]}",
          "{\"peerURLs\":[\"http://127.0.0.1:1/x\"]}",
          "{\"peerURLs\":[]}",
          "{}");

  private static Settings ours(Path directory) {
    return Settings.ours(directory).withFlags("--enable-v2=true");
  }

  private static Settings theirs(Path directory) {
    return Settings.original(directory).withFlags("--enable-v2=true");
  }

  private record Pair(ServerProcess ours, ServerProcess theirs) implements AutoCloseable {
    static Pair start(Path directory) {
      assumeTrue(Files.isExecutable(ServerProcess.ORIGINAL), "no original etcd");
      ServerProcess theirs = ServerProcess.start(V2Test.theirs(directory.resolve("theirs")));
      try {
        return new Pair(ServerProcess.start(V2Test.ours(directory.resolve("ours"))), theirs);
      } catch (RuntimeException | Error e) {
        theirs.close();
        throw e;
      }
    }

    void same(String verb, String path, String type, String body) {
      String expected = ask(theirs, verb, path, type, body);
      assertThat(ask(ours, verb, path, type, body))
          .as("%s %s %s", verb, path, body)
          .isEqualTo(expected);
    }

    void same(String line) {
      String[] words = line.split(" ", 3);
      same(
          words[0],
          words[1],
          "application/x-www-form-urlencoded",
          words.length > 2 ? words[2] : "");
    }

    @Override
    public void close() {
      ours.close();
      theirs.close();
    }
  }

  @Test
  void bothAnswerARecordedSessionAlike() {
    try (Pair both = Pair.start(directory)) {
      KEYS.lines().forEach(both::same);
      both.same("PUT", "/v2/keys/typed", JSON, "{}");
      for (String body : MEMBERS) {
        both.same("POST", "/v2/members", JSON, body);
        both.same("PUT", "/v2/members/1234", JSON, body.replace("PEER", "39380"));
      }
      for (int i = 0; i < 1_050; i++) {
        ask(both.ours(), "PUT", "/v2/keys/many", "application/x-www-form-urlencoded", "value=x");
        ask(both.theirs(), "PUT", "/v2/keys/many", "application/x-www-form-urlencoded", "value=x");
      }
      both.same("GET /v2/keys/many?wait=true&waitIndex=8");
      both.same("GET /v2/keys/many?wait=true&waitIndex=500");
    }
  }

  @Test
  void aDatabaseWithoutSpaceStopsNoWriteOfV2() throws Exception {
    for (Settings settings :
        List.of(theirs(directory.resolve("theirs")), ours(directory.resolve("ours")))) {
      try (ServerProcess server =
          ServerProcess.start(settings.withFlags("--quota-backend-bytes=1000000"))) {
        String at = "--endpoints=" + server.endpoint();
        String value = "v".repeat(100_000);
        Command put = Command.etcdctl(3, at, "put", "k0", value);
        for (int i = 1; i < 100 && put.exitCode() == 0; i++) {
          put = Command.etcdctl(3, at, "put", "k" + i, value);
        }
        assertThat(put.said()).contains("database space exceeded");
        assertThat(ask(server, "PUT", "/v2/keys/a", "application/x-www-form-urlencoded", "value=x"))
            .startsWith("status 201");
        assertThat(ask(server, "DELETE", "/v2/keys/a", "", "")).startsWith("status 200");
      }
    }
  }

  private static CompletableFuture<HttpResponse<InputStream>> poll(
      ServerProcess server, String path) {
    return HTTP.sendAsync(
        request(server, "GET", path, "", ""), HttpResponse.BodyHandlers.ofInputStream());
  }

  @Test
  void bothTellWatchersTheSame() throws Exception {
    try (Pair both = Pair.start(directory)) {
      List<List<String>> told = new ArrayList<>();
      for (ServerProcess server : List.of(both.ours(), both.theirs())) {
        var once = poll(server, "/v2/keys/w?wait=true").get(10, TimeUnit.SECONDS);
        var below =
            poll(server, "/v2/keys/w?wait=true&recursive=true&stream=true")
                .get(10, TimeUnit.SECONDS);
        for (String line :
            List.of(
                "PUT /v2/keys/w/a value=1",
                "PUT /v2/keys/w/_hidden value=1",
                "PUT /v2/keys/w/a value=2",
                "PUT /v2/keys/w/a?prevValue=2 value=3",
                "POST /v2/keys/w/q value=4",
                "PUT /v2/keys/w/c value=2&ttl=1")) {
          String[] words = line.split(" ", 3);
          ask(server, words[0], words[1], "application/x-www-form-urlencoded", words[2]);
        }
        List<String> lines = new ArrayList<>();
        var reader = new BufferedReader(new InputStreamReader(below.body(), UTF_8));
        for (int i = 0; i < 6; i++) { // the last is the expiry
          lines.add(reader.readLine());
        }
        ask(server, "DELETE", "/v2/keys/w?recursive=true", "", "");
        lines.add(reader.readLine());
        below.body().close();
        lines.add(new String(once.body().readAllBytes(), UTF_8));
        lines.replaceAll(
            line ->
                line.replaceAll("\"expiration\":\"[-0-9T:.]+Z\"", "\"expiration\":\"TIME\"")
                    .replaceAll(",\"ttl\":[0-9]+", ""));
        told.add(lines);
      }
      assertThat(told.get(0)).isEqualTo(told.get(1));
      assertThat(told.get(0).get(5)).contains("\"action\":\"expire\"");
    }
  }

  @Test
  void theKeysOfTheirsComeUpUnderOursAndAreInItsSnapshots() throws IOException {
    Settings settings = theirs(directory.resolve("data")).withFlags("--snapshot-count=20");
    String expected;
    try (ServerProcess server = ServerProcess.start(settings)) {
      for (int i = 0; i < 50; i++) {
        String path = "/v2/keys/d" + i % 3 + "/f" + i;
        ask(server, "PUT", path, "application/x-www-form-urlencoded", "value=" + i);
      }
      expected = ask(server, "GET", "/v2/keys/?recursive=true&sorted=true", "", "");
      server.kill();
    }
    Settings ours =
        ours(directory.resolve("data"))
            .withFlags("--snapshot-count=20")
            .onPorts(settings.clientPort(), settings.peerPort());
    try (ServerProcess server = ServerProcess.start(ours)) {
      String nodes = expected.substring(expected.indexOf("\"node\""));
      assertThat(ask(server, "GET", "/v2/keys/?recursive=true&sorted=true", "", ""))
          .contains(nodes);
      for (int i = 0; i < 60; i++) {
        ask(server, "PUT", "/v2/keys/more", "application/x-www-form-urlencoded", "value=" + i);
      }
      server.awaitLog("saved snapshot", Duration.ofSeconds(20));
      server.terminate();
      server.awaitExit(Duration.ofSeconds(30));
    }
    // The old tools find them in our files.
    Path backup = directory.resolve("backup");
    Command.etcdctl(2, "backup", "--data-dir=" + ours.dataDirectory(), "--backup-dir=" + backup)
        .orFail();
    try (Stream<Path> files = Files.walk(backup)) {
      Path snapshot =
          files.filter(file -> file.toString().endsWith(".snap")).findFirst().orElseThrow();
      assertThat(Files.readString(snapshot, ISO_8859_1))
          .contains("\"Path\":\"/1/more\"")
          .contains("\"Path\":\"/1/d1/f1\"");
    }
  }
}
