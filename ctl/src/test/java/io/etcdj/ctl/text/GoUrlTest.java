package io.etcdj.ctl.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoUrlTest {
  @ParameterizedTest
  @CsvSource({
    "/v2/keys/a/../b//c/, /v2/keys/b/c/",
    "/v2/keys/, /v2/keys/",
    "/v2/keys/./x, /v2/keys/x",
    "/../.., /",
    "*, /*",
    "/, /",
  })
  void pathsAreCleanedAndKeepTheSlashAtTheirEnd(String path, String clean) {
    assertThat(GoUrl.canonicalPath(path)).isEqualTo(clean);
  }

  @Test
  void pathsAndQueriesAreEscapedDifferently() {
    assertThat(GoUrl.escapePath("/a b/c?d%e+f:ü")).isEqualTo("/a%20b/c%3Fd%25e+f:%C3%BC");
    assertThat(GoUrl.escapeQuery("x y&z=ü\"\\/~")).isEqualTo("x+y%26z%3D%C3%BC%22%5C%2F~");
  }
}
