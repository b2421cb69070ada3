package io.etcdj.server.front;

import static io.etcdj.server.front.GrpcTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The gateway as an HTTP client sees it. Expected bodies are recordings of etcd 3.7.1. */
@Timeout(60)
class JsonTest {
  private static TestFront front;
  private static HttpClient client;

  @BeforeAll
  static void open() {
    front = new TestFront();
    client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterAll
  static void close() {
    front.close();
  }

  @Test
  void aUnaryCallIsAnsweredInJson() throws Exception {
    HttpResponse<String> response = post("/v3/kv/range", "{\"key\":\"aw==\"}");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body())
        .isEqualTo(
            "{\"kvs\":[{\"key\":\"aw==\",\"mod_revision\":\"7\",\"value\":\"dg==\"}],\"count\":\"1\"}");
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
    assertThat(response.headers().firstValue("grpc-metadata-content-type"))
        .contains("application/grpc");
    assertThat(response.headers().firstValue("access-control-allow-origin")).contains("*");
  }

  @Test
  void theOldPrefixAndBothSpellingsOfFieldsAreTaken() throws Exception {
    assertThat(post("/v3beta/kv/range", "{\"key\":\"aw==\"}").statusCode()).isEqualTo(200);
    for (String name : new String[] {"range_end", "rangeEnd"}) {
      String body = "{\"key\":\"" + base64("meta") + "\",\"" + name + "\":\"" + base64("x") + "\"}";
      assertThat(post("/v3/kv/range", body).body()).contains(base64("null"));
    }
  }

  @Test
  void unknownFieldsAndUnknownEnumNamesAreIgnored() throws Exception {
    String body = "{\"key\":\"aw==\",\"nofield\":[{\"a\":1}],\"sort_order\":\"BOGUS\"}";
    assertThat(post("/v3/kv/range", body).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                 | {"code":3,"message":"etcdserver: key is not provided"}
          {}                 | {"code":3,"message":"etcdserver: key is not provided"}
          bad                | {"code":3,"message":"invalid character 'b' looking for beginning of value"}
          {bad               | {"code":3,"message":"invalid character 'b' looking for beginning of object key string"}
          {"a":1,}           | {"code":3,"message":"invalid character '}' looking for beginning of object key string"}
          {"a" 1}            | {"code":3,"message":"invalid character '1' after object key"}
          {"a":1 "b":2}      | {"code":3,"message":"invalid character '\\"' after object key:value pair"}
          {"a":[1 2]}        | {"code":3,"message":"invalid character '2' after array element"}
          {"a":tru}          | {"code":3,"message":"invalid character '}' in literal true (expecting 'e')"}
          {"a":-x}           | {"code":3,"message":"invalid character 'x' in numeric literal"}
          {"a":1.}           | {"code":3,"message":"invalid character '}' after decimal point in numeric literal"}
          {"a":"\\x"}        | {"code":3,"message":"invalid character 'x' in string escape code"}
          {"key              | {"code":3,"message":"unexpected EOF"}
          tru                | {"code":3,"message":"unexpected EOF"}
          {} trash           | {"code":3,"message":"invalid character 't' after top-level value"}
          {"key":"!!"}       | {"code":3,"message":"proto: (line 1:8): invalid value for bytes field key: \\"!!\\""}
          {"limit":"x"}      | {"code":3,"message":"proto: (line 1:10): invalid value for int64 field limit: \\"x\\""}
          {"limit":1.5}      | {"code":3,"message":"proto: (line 1:10): invalid value for int64 field limit: 1.5"}
          {"u":{"a":[{}]},"rangeEnd":7} | {"code":3,"message":"proto: (line 1:28): invalid value for bytes field rangeEnd: 7"}
          []                 | {"code":3,"message":"proto: syntax error (line 1:1): unexpected token ["}
          """)
  void badInputIsRefusedInGosWords(String body, String expected) throws Exception {
    HttpResponse<String> response = post("/v3/kv/range", body);
    assertThat(response.body()).isEqualTo(expected);
    assertThat(response.statusCode()).isEqualTo(400);
  }

  @Test
  void pathsAndVerbsThatDoNotExistAreRefusedAsByEtcd() throws Exception {
    HttpResponse<String> nope = post("/v3/nope", "{}");
    assertThat(nope.statusCode()).isEqualTo(404);
    assertThat(nope.body()).isEqualTo("{\"code\":5,\"message\":\"Not Found\"}");
    HttpResponse<String> get =
        client.send(request("/v3/kv/range").GET().build(), BodyHandlers.ofString());
    assertThat(get.statusCode()).isEqualTo(501);
    assertThat(get.body()).isEqualTo("{\"code\":12,\"message\":\"Method Not Allowed\"}");
    HttpResponse<String> alpha = post("/v3alpha/kv/range", "{}");
    assertThat(alpha.statusCode()).isEqualTo(404);
    assertThat(alpha.body()).isEqualTo("404 page not found\n");
  }

  @Test
  void theAuthorizationHeaderIsTheToken() throws Exception {
    String body = "{\"key\":\"" + base64("meta") + "\",\"range_end\":\"" + base64("token") + "\"}";
    for (String header : new String[] {"abc.7", "Bearer abc.7"}) {
      HttpResponse<String> response =
          client.send(
              request("/v3/kv/range")
                  .header("Authorization", header)
                  .POST(BodyPublishers.ofString(body))
                  .build(),
              BodyHandlers.ofString());
      assertThat(response.body()).contains("\"value\":\"" + base64("abc.7") + '"');
    }
  }

  @Test
  void aMessageAboveTheLimitIsRefusedWithBothNumbers() throws Exception {
    String body = "{\"key\":\"" + base64("k".repeat(4 * 1024 * 1024)) + "\"}";
    HttpResponse<String> response = post("/v3/kv/range", body);
    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.body())
        .isEqualTo(
            "{\"code\":8,\"message\":\"grpc: received message larger than max (4194309 vs."
                + " 2097152)\"}");
  }

  @Test
  void aHugeAnswerIsGatheredIntoOneObject() throws Exception {
    String body = "{\"key\":\"" + base64("huge") + "\",\"limit\":\"32\"}";
    HttpResponse<String> response = post("/v3/kv/range", body);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body().split("\"key\"", -1)).hasSize(33);
  }

  @Test
  void keepalivesAreAnsweredLineByLineUntilTheBodyEnds() throws Exception {
    HttpResponse<String> response = post("/v3/lease/keepalive", "{\"ID\":\"7\"}{\"ID\":8} \n");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body())
        .isEqualTo(
            "{\"result\":{\"ID\":\"7\",\"TTL\":\"60\"}}\n{\"result\":{\"ID\":\"8\",\"TTL\":\"60\"}}\n");
  }

  @Test
  void aStreamThatFailsSaysSoOnItsLastLine() throws Exception {
    HttpResponse<String> response = post("/v3/lease/keepalive", "{\"ID\":\"7\"}{\"ID\":\"13\"}");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body())
        .endsWith(
            "\n{\"error\":{\"code\":5,\"message\":\"etcdserver: requested lease not found\"}}\n");
    assertThat(post("/v3/lease/keepalive", "{\"ID\":\"13\"}").statusCode()).isEqualTo(404);
  }

  @Test
  void aWatchGoesOnAfterTheBodyEndsUntilItsClientGoes() throws Exception {
    int watching = front.services.watchers.size();
    HttpResponse<InputStream> response =
        client.send(
            request("/v3/watch")
                .POST(BodyPublishers.ofString("{\"create_request\":{\"key\":\"aw==\"}}"))
                .build(),
            BodyHandlers.ofInputStream());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).isEqualTo("{\"result\":{\"created\":true}}");
      eventually(() -> front.services.watchers.size() == watching + 1);
      front.services.broadcast("a", "1");
      assertThat(lines.readLine())
          .isEqualTo(
              "{\"result\":{\"events\":[{\"kv\":{\"key\":\"YQ==\",\"mod_revision\":\"7\","
                  + "\"value\":\"MQ==\"}}]}}");
    }
    eventually(() -> front.services.watchers.size() == watching);
  }

  @Test
  void http2WithoutGrpcGetsJsonToo() throws Exception {
    HttpClient upgrading = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    for (int i = 0; i < 2; i++) { // the first request upgrades, the second finds HTTP/2
      HttpResponse<String> response =
          upgrading.send(
              request("/v3/kv/range").POST(BodyPublishers.ofString("{\"key\":\"aw==\"}")).build(),
              BodyHandlers.ofString());
      assertThat(response.body()).contains("\"count\":\"1\"");
      assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
    }
  }

  @Test
  void aSnapshotStreamsBlobByBlob() throws Exception {
    HttpResponse<String> response = post("/v3/maintenance/snapshot", "{}");
    assertThat(response.body().lines().count()).isEqualTo(FakeServices.SNAPSHOT_BLOBS);
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + front.port() + path));
  }

  private static HttpResponse<String> post(String path, String body)
      throws IOException, InterruptedException {
    return client.send(
        request(path).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
