package io.etcdj.proof.conform;

import static io.etcdj.proof.conform.Requests.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.api.GrpcCode;
import io.etcdj.api.etcdserverpb.HashKVRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON that no generated client sends, but people and scripts do. */
@Timeout(120)
class GatewayTest {
  private static Both both;

  @BeforeAll
  static void start(@TempDir Path directory) {
    both = Both.start(directory);
    both.same(Rpc.PUT, put("foo", "bar"));
  }

  @AfterAll
  static void stop() {
    if (both != null) {
      both.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"key\":\"Zm9v\"}",
        "{\"key\":\"Zm9v\",\"range_end\":\"AA==\",\"keys_only\":true}",
        "{\"key\":\"Zm9v\",\"rangeEnd\":\"AA==\",\"countOnly\":true}",
        "{\"key\":\"Zm9v\",\"limit\":\"1\",\"serializable\":true}",
        "{\"key\":\"Zm9v\",\"limit\":1}",
        "{\"key\":\"Zm9v\",\"sort_order\":\"DESCEND\",\"sort_target\":\"MOD\"}",
        "{\"key\":\"Zm9v\",\"sort_order\":2,\"sort_target\":3}",
        "{\"key\":\"Zm9v\",\"no_such_field\":{\"a\":[1,2,{}]}}",
        "{ \"key\" : \"Zm9v\" }\n",
        "{\"key\":\"Zm9v\",\"revision\":null}",
        "{\"key\":\"\\u005am9v\"}",
        "{\"key\":\"bm9uZQ==\"}",
        "{\"key\":\"Zm9v\",\"revision\":999}",
        "{}",
        "",
      })
  void readsThatBothUnderstand(String body) {
    assertThat(both.ours().overJson(Rpc.RANGE, body).comparable())
        .isEqualTo(both.theirs().overJson(Rpc.RANGE, body).comparable());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{bad",
        "{\"key\":",
        "[]",
        "\"key\"",
        "{\"key\":\"Zm9v\",\"limit\":\"x\"}",
        "{\"key\":\"Zm9v\",\"limit\":{}}",
        "{\"key\":\"Zm9v\",\"serializable\":\"yes\"}",
        "{\"key\":5}",
        "{\"key\":\"$$$\"}",
      })
  void requestsThatAreNoJsonOfTheirs(String body) {
    Answer theirs = both.theirs().overJson(Rpc.RANGE, body);
    Answer ours = both.ours().overJson(Rpc.RANGE, body);
    assertThat(ours.code()).isEqualTo(theirs.code()).isEqualTo(GrpcCode.INVALID_ARGUMENT);
    assertThat(ours.words()).isNotEmpty();
  }

  @Test
  void anEnumNameThatDoesNotExist() {
    String body = "{\"key\":\"Zm9v\",\"sort_order\":\"BOGUS\"}";
    assertThat(both.theirs().overJson(Rpc.RANGE, body).code())
        .as("%s", Since34.UNKNOWN_ENUM_NAME)
        .isEqualTo(GrpcCode.INVALID_ARGUMENT);
    assertThat(both.ours().overJson(Rpc.RANGE, body).code())
        .as("%s", Since34.UNKNOWN_ENUM_NAME)
        .isEqualTo(GrpcCode.OK);
  }

  @Test
  void otherVerbsThanPost() {
    HttpResponse<String> theirs = both.theirs().http("GET", "/v3/kv/range", "");
    HttpResponse<String> ours = both.ours().http("GET", "/v3/kv/range", "");
    assertThat(theirs.statusCode()).as("%s", Since34.OTHER_VERBS).isEqualTo(405);
    assertThat(ours.statusCode()).as("%s", Since34.OTHER_VERBS).isEqualTo(501);
    assertThat(ours.body()).contains("\"code\":12", "Method Not Allowed");
  }

  @Test
  void pathsThatDoNotExist() {
    HttpResponse<String> theirs = both.theirs().http("POST", "/v3/kv/none", "{}");
    HttpResponse<String> ours = both.ours().http("POST", "/v3/kv/none", "{}");
    assertThat(theirs.statusCode()).isEqualTo(404);
    assertThat(ours.statusCode()).isEqualTo(404);
    assertThat(theirs.body()).as("%s", Since34.UNKNOWN_PATH).isEqualTo("Not Found\n");
    assertThat(ours.body()).as("%s", Since34.UNKNOWN_PATH).contains("\"code\":5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v3/kv/lease/leases", "/v3/kv/lease/timetolive", "/v3/kv/lease/revoke"})
  void theOlderPathsOfLeases(String path) {
    HttpResponse<String> theirs = both.theirs().http("POST", path, "{\"ID\":5}");
    HttpResponse<String> ours = both.ours().http("POST", path, "{\"ID\":5}");
    assertThat(ours.statusCode()).isEqualTo(theirs.statusCode());
    assertThat(ours.body().contains("requested lease not found"))
        .isEqualTo(theirs.body().contains("requested lease not found"));
  }

  @Test
  void theHashOfTheKeys() {
    assertThat(both.theirs().http("POST", "/v3/maintenance/hashkv", "{}").statusCode())
        .as("%s", Since34.HASHKV_PATH)
        .isEqualTo(404);
    Answer hash = both.ours().overJson(Rpc.HASH_KV, "{}");
    assertThat(hash.code()).as("%s", Since34.HASHKV_PATH).isEqualTo(GrpcCode.OK);
    assertThat(hash.comparable())
        .startsWith(
            both.theirs()
                .ask(Transport.GRPC, Rpc.HASH_KV, HashKVRequest.getDefaultInstance())
                .comparable());
  }

  @Test
  void theOlderPrefix() {
    for (Side side : new Side[] {both.theirs(), both.ours()}) {
      HttpResponse<String> beta = side.http("POST", "/v3beta/kv/range", "{\"key\":\"Zm9v\"}");
      assertThat(beta.statusCode()).isEqualTo(200);
      assertThat(beta.body()).contains("\"value\":\"YmFy\"");
      assertThat(side.http("POST", "/v3alpha/kv/range", "{\"key\":\"Zm9v\"}").statusCode())
          .isEqualTo(404);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/version", "/health"})
  void plainPages(String path) {
    HttpResponse<String> theirs = both.theirs().http("GET", path, "");
    HttpResponse<String> ours = both.ours().http("GET", path, "");
    assertThat(ours.statusCode()).isEqualTo(theirs.statusCode()).isEqualTo(200);
    String keysOfTheirs = theirs.body().replaceAll(":\"[^\"]*\"", "");
    assertThat(
            ours.body()
                .replaceAll(":\"[^\"]*\"", "")
                .replace(",\"storage\"", "")
                .replace(",\"reason\"", ""))
        .isEqualTo(keysOfTheirs);
  }
}
