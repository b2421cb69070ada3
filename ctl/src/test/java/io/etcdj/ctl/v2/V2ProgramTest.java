package io.etcdj.ctl.v2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.etcdj.ctl.Etcdctl;
import io.etcdj.ctl.cli.Environment;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Command lines against servers that only pretend. */
class V2ProgramTest {
  private static final String REFUSED = "dial tcp 127.0.0.1:1: connect: connection refused";

  /** What one command printed and how it ended. */
  private record Run(int exitCode, String out, String err) {}

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final List<HttpServer> servers = new ArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  @AfterEach
  void stopServers() {
    for (HttpServer server : servers) {
      server.stop(0);
    }
  }

  private static Run run(Map<String, String> variables, String input, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Map<String, String> all = new HashMap<>(variables);
    all.put("ETCDCTL_API", "2");
    int exitCode =
        Etcdctl.run(
            args,
            new Environment(
                all,
                new ByteArrayInputStream(input.getBytes(UTF_8)),
                new PrintStream(out, false, UTF_8),
                new PrintStream(err, false, UTF_8)));
    return new Run(exitCode, out.toString(UTF_8), err.toString(UTF_8));
  }

  private static Run run(String... args) {
    return run(Map.of(), "", args);
  }

  /** Starts a server; returns its URL. */
  private String server(Answer answer) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.add(
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI()
                  + " "
                  + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          answer.to(exchange);
          exchange.close();
        });
    server.start();
    servers.add(server);
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static Answer says(int status, String body) {
    return exchange -> {
      byte[] bytes = body.getBytes(UTF_8);
      exchange.getResponseHeaders().set("X-Etcd-Index", "7");
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  private static final String FILE =
      "{\"action\":\"get\",\"node\":{\"key\":\"/k\",\"value\":\"v\",\"modifiedIndex\":5,"
          + "\"createdIndex\":4}}\n";

  @Test
  void theVersionNamesTheApi() {
    assertThat(run("--version"))
        .isEqualTo(new Run(0, "etcdctl version: 3.7.1\nAPI version: 2\n", ""));
  }

  @Test
  void anotherApiIsNotMeant() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream printed = new PrintStream(out, false, UTF_8);
    Etcdctl.run(
        new String[] {"version"},
        new Environment(
            Map.of("ETCDCTL_API", "3"), new ByteArrayInputStream(new byte[0]), printed, printed));
    assertThat(out.toString(UTF_8)).contains("API version: 3.7");
  }

  @Test
  void helpNamesCommandsAndOptions() {
    Run run = run("-h");
    assertThat(run.out())
        .startsWith("NAME:\n   etcdctl - A simple command line client for etcd.\n\nUSAGE:\n")
        .contains("\n   exec-watch      watch a key for changes and exec an executable\n")
        .contains("\n   --output simple, -o simple       output response in the given format")
        .endsWith("   --version, -v                    print the version\n");
    assertThat(run()).isEqualTo(run);
    assertThat(run("help")).isEqualTo(run);
  }

  @Test
  void aCommandExplainsItself() {
    String page =
        """
        NAME:
           etcdctl mk - make a new key with a given value

        USAGE:
           etcdctl mk [command options] <key> <value>

        OPTIONS:
           --in-order   create in-order key under directory <key>
           --ttl value  key time-to-live in seconds (default: 0)
          \s
        """;
    assertThat(run("mk", "--help")).isEqualTo(new Run(0, page, ""));
    assertThat(run("help", "mk")).isEqualTo(new Run(0, page, ""));
    assertThat(run("mk", "--bogus"))
        .isEqualTo(
            new Run(
                1,
                "Incorrect Usage: flag provided but not defined: -bogus\n\n" + page,
                "flag provided but not defined: -bogus\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "get, 1, Error:  key required",
    "set k, 1, Error:  value required",
    "exec-watch k, 1, Error:  key and command to exec required",
    "exec-watch k --, 1, Error:  key and command to exec required",
    "bogus, 3, No help topic for 'bogus'",
    "member bogus, 3, No help topic for 'bogus'",
    "member add x, 1, Provide a name and a single member peerURL",
    "member list x, 1, No arguments accepted",
    "user add, 1, Please provide a username",
    "user grant u, 1, No roles specified; please use `--roles`",
    "role grant r, 1, No path specified; please use `--path`",
    "role grant r --path x, 1, Not canonical path; please use `--path=/x`",
    "role grant r --path /x, 1, 'Please specify exactly one of --read, --write or --readwrite'",
    "--endpoints 127.0.0.1:1 ls, 1, 'parse \"127.0.0.1:1\": first path segment in URL cannot contain"
        + " colon'",
    "--cert-file /c ls, 1, 'KeyFile and CertFile must both be present[key: , cert: /c]'",
    "--ca-file /nowhere ls, 1, open /nowhere: no such file or directory",
  })
  void whatCannotBeMeantIsRefused(String line, int exitCode, String err) {
    Run run = run(line.split(" ", -1));
    assertThat(run.err()).isEqualTo(err + "\n");
    assertThat(run.exitCode()).isEqualTo(exitCode);
  }

  @Test
  void withoutAServerThereIsNoConnection() {
    String text =
        "Error:  client: etcd cluster is unavailable or misconfigured; error #0: "
            + REFUSED
            + "\n\nerror #0: "
            + REFUSED
            + "\n\n";
    assertThat(run("--endpoints", "http://127.0.0.1:1", "ls")).isEqualTo(new Run(2, "", text));
    assertThat(run("--no-sync", "--endpoints", "http://127.0.0.1:1", "set", "k", "v"))
        .isEqualTo(new Run(4, "", text));
    assertThat(run("--no-sync", "--endpoints", "http://127.0.0.1:1", "mk", "k", "v"))
        .as("what makes something new is sent once")
        .isEqualTo(new Run(4, "", "Error:  " + REFUSED + "\n"));
    assertThat(run("--endpoints", "http://127.0.0.1:1", "cluster-health"))
        .isEqualTo(new Run(4, "cluster may be unhealthy: failed to list members\n", text));
  }

  @Test
  void endpointsAreThoseThatTheMembersPublish() throws IOException {
    String serving = server(says(200, FILE));
    String first =
        server(
            says(
                200,
                "{\"members\":[{\"id\":\"1\",\"name\":\"n\",\"clientURLs\":[\""
                    + serving
                    + "\"]}]}"));
    Run run = run(Map.of("ETCDCTL_ENDPOINTS", first), "", "--debug", "get", "k");
    assertThat(run.out()).isEqualTo("v\n");
    assertThat(run.err())
        .isEqualTo(
            String.format(
                "start to sync cluster using endpoints(%1$s)%n"
                    + "cURL Command: curl -X GET %1$s/v2/members%n"
                    + "got endpoints(%2$s) after sync%n"
                    + "Cluster-Endpoints: %2$s%n"
                    + "cURL Command: curl -X GET %2$s/v2/keys/k"
                    + "?quorum=false&recursive=false&sorted=false%n",
                first, serving));
  }

  @Test
  void anotherEndpointServesWhenOneHasNoLeader() throws IOException {
    String lost = server(says(503, "{\"message\":\"During election\"}"));
    String serving = server(says(200, FILE));
    assertThat(run("--no-sync", "--endpoints", lost + "," + serving, "get", "k").out())
        .isEqualTo("v\n");
    assertThat(run("--no-sync", "--endpoints", lost, "get", "k").err())
        .contains("error #0: client: etcd member " + lost + " has no leader\n");
  }

  @Test
  void aServerThatDoesNotAnswerIsGivenUp() throws IOException {
    String slow =
        server(
            exchange -> {
              try {
                Thread.sleep(2_000);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    String[] command = {"--no-sync", "--endpoints", slow, "--timeout", "100ms", "get", "k"};
    assertThat(run(command).err())
        .contains("error #0: client: endpoint " + slow + " exceeded header timeout\n");
    command[3] = "--total-timeout";
    assertThat(run(command)).isEqualTo(new Run(4, "", "Error:  context deadline exceeded\n"));
  }

  @Test
  void requestsCarryWhatTheOptionsSay() throws IOException {
    String url = server(says(200, FILE));
    Map<String, String> variables = Map.of("ETCDCTL_PEERS", url);
    run(variables, "from stdin", "--no-sync", "set", "a b", "--ttl", "5", "--swap-with-value", "x");
    run(variables, "", "--no-sync", "mk", "--in-order", "q", "v");
    run(variables, "", "--no-sync", "updatedir", "d");
    run(variables, "", "--no-sync", "rm", "-r", "d", "x");
    run(variables, "", "--no-sync", "rm", "d", "--with-index=3", "--dir");
    run(variables, "", "--no-sync", "ls");
    assertThat(requests)
        .containsExactly(
            "PUT /v2/keys/a%20b?prevValue=x ttl=5&value=from+stdin",
            "POST /v2/keys/q value=v",
            "PUT /v2/keys/d?dir=true&prevExist=true ",
            "DELETE /v2/keys/d?recursive=true ",
            "DELETE /v2/keys/d?dir=true&prevIndex=3 ",
            "GET /v2/keys/?quorum=false&recursive=false&sorted=false ");
  }

  @Test
  void rolesAreGrantedTogether() throws IOException {
    String url = server(says(200, "{\"user\":\"u\",\"roles\":[\"a\",{\"role\":\"b\"}]}"));
    run("--no-sync", "--endpoints", url, "user", "grant", "u", "--roles", "a", "--roles", "b");
    assertThat(requests)
        .containsExactly(
            "PUT /v2/auth/users/u {\"user\":\"u\",\"roles\":null,\"grant\":[\"a\",\"b\"]}");
    assertThat(run("--no-sync", "--endpoints", url, "user", "get", "u"))
        .isEqualTo(new Run(0, "User: u\nRoles:   a b\n", ""));
  }

  @Test
  void peerUrlsAreCheckedBeforeTheyAreSent() throws IOException {
    String url = server(says(500, ""));
    String[] command = {"--no-sync", "--endpoints", url, "member", "add", "n", "unix:///a"};
    assertThat(run(command))
        .isEqualTo(new Run(1, "", "URL address does not have the form \"host:port\": unix:///a\n"));
    command[6] = "unixs://a:1/x";
    assertThat(run(command))
        .isEqualTo(new Run(1, "", "URL must not contain a path: unixs://a:1/x\n"));
    assertThat(requests).isEmpty();
  }

  @Test
  void aUserAuthenticatesItself() throws IOException {
    List<String> seen = new CopyOnWriteArrayList<>();
    String url =
        server(
            exchange -> {
              seen.add(exchange.getRequestHeaders().getFirst("Authorization"));
              says(200, FILE).to(exchange);
            });
    run("--no-sync", "--endpoints", url, "-u", "u:p:w", "get", "k");
    Run asked = run(Map.of("ETCDCTL_USERNAME", "u"), "p:w\n", "--no-sync", "-C", url, "get", "k");
    assertThat(asked.out()).isEqualTo("Password: \nv\n");
    assertThat(seen).containsExactly("Basic dTpwOnc=", "Basic dTpwOnc=");
  }

  @Test
  void changesAreWaitedForOneByOne() throws IOException {
    String url =
        server(
            exchange -> {
              String query = String.valueOf(exchange.getRequestURI().getQuery());
              exchange.sendResponseHeaders(200, 0); // in chunks
              String body =
                  switch (query) {
                    case "recursive=true&wait=true&waitIndex=0" ->
                        "{\"action\":\"create\",\"node\":{\"key\":\"/d\",\"dir\":true,"
                            + "\"modifiedIndex\":8}}";
                    case "recursive=true&wait=true&waitIndex=9" ->
                        "{\"action\":\"delete\",\"node\":{\"key\":\"/d/k\",\"modifiedIndex\":9},"
                            + "\"prevNode\":{\"key\":\"/d/k\",\"value\":\"old\"}}";
                    default -> "{}";
                  };
              exchange.getResponseBody().write(body.getBytes(UTF_8));
            });
    assertThat(run("--no-sync", "--endpoints", url, "watch", "-r", "/"))
        .isEqualTo(new Run(0, "[delete] /d/k\nPrevNode.Value: old\n", ""));
  }

  @Test
  void aServerThatIsNoEtcdIsRecognised() throws IOException {
    String url = server(says(404, "404 page not found\n"));
    assertThat(run("--endpoints", url, "get", "k").err())
        .isEqualTo(
            "Error:  client: response is invalid json. The endpoint is probably not valid etcd"
                + " cluster endpoint\n");
    assertThat(run("--endpoints", url, "member", "list"))
        .isEqualTo(new Run(1, "", "unexpected status code 404\n"));
    assertThat(run("--endpoints", url, "user", "list").err())
        .isEqualTo("invalid character 'p' after top-level value\n");
  }

  @Test
  void healthIsThatOfEveryMember() throws IOException {
    List<String> members = new ArrayList<>();
    String well = server(says(200, "{\"health\":\"true\",\"reason\":\"\"}"));
    String ill = server(says(503, "{\"health\":\"false\"}"));
    String old = server(says(200, "{\"health\": true}"));
    for (String url : List.of(well, ill, old, "http://127.0.0.1:1")) {
      members.add(
          "{\"id\":\"m" + members.size() + "\",\"name\":\"n\",\"clientURLs\":[\"" + url + "\"]}");
    }
    members.add("{\"id\":\"m4\"}");
    String list = server(says(200, "{\"members\":[" + String.join(",", members) + "]}"));
    assertThat(run("--endpoints", list, "cluster-health"))
        .isEqualTo(
            new Run(
                5,
                "member m0 is healthy: got healthy result from "
                    + well
                    + "\nmember m1 is unhealthy: got unhealthy result from "
                    + ill
                    + "\nmember m2 is healthy: got healthy result from "
                    + old
                    + "\nfailed to check the health of member m3 on http://127.0.0.1:1: Get"
                    + " \"http://127.0.0.1:1/health\": "
                    + REFUSED
                    + "\nmember m3 is unreachable: [http://127.0.0.1:1] are all unreachable"
                    + "\nmember m4 is unreachable: no available published client urls"
                    + "\ncluster is degraded\n",
                ""));
  }
}
