package io.etcdj.ctl.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
  @Test
  void valuesAreFoundByNameAndPlace() {
    Json json =
        Json.parse(
            " {\"a\" : [1, -2, 18446744073709551615], \"b\":{\"c\":\"x\\n\\u00e9\\\"\"}, \"d\":true,"
                + "\"e\":null, \"f\":[\"p\",\"q\"], \"g\":{}, \"h\":[]} ");
    assertThat(json.get("a").items()).extracting(Json::number).containsExactly(1L, -2L, -1L);
    assertThat(json.get("b").get("c").text()).isEqualTo("x\né\"");
    assertThat(json.get("d").bool()).isTrue();
    assertThat(json.get("e").isNull()).isTrue();
    assertThat(json.get("f").texts()).containsExactly("p", "q");
    assertThat(json.get("g").isObject()).isTrue();
    assertThat(json.get("h").items()).isEmpty();
  }

  @Test
  void whatIsAbsentIsEmpty() {
    Json json = Json.parse("[]").get("x").get("y");
    assertThat(json.isNull()).isTrue();
    assertThat(json.text()).isEmpty();
    assertThat(json.number()).isZero();
    assertThat(json.bool()).isFalse();
  }

  @Test
  void aCharacterThatIsNotExpectedIsShownAsALiteral() {
    assertThatThrownBy(() -> Json.parse("{\"a\n"))
        .hasMessage("invalid character '\\n' in string literal");
    assertThatThrownBy(() -> Json.parse("'"))
        .hasMessage("invalid character '\\'' looking for beginning of value");
    assertThatThrownBy(() -> Json.parse("[\"a\"\"b\"]"))
        .hasMessage("invalid character '\"' after array element");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "404 page not found | invalid character 'p' after top-level value",
        "<html> | invalid character '<' looking for beginning of value",
        "{\"a\" | unexpected end of JSON input",
        "{a} | invalid character 'a' looking for beginning of object key string",
        "[1 2] | invalid character '2' after array element",
        "nul! | invalid character '!' in literal null (expecting 'l')",
      })
  void whatIsNoJsonIsRefusedInGosWords(String text, String words) {
    assertThatThrownBy(() -> Json.parse(text)).hasMessage(words);
  }
}
