package io.etcdj.ctl.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
  private static final Option[] KNOWN = {
    Option.onOff("", "recursive", "r"), Option.number("", "ttl"), Option.text("", "path"),
  };

  private static Options mixed(String... words) {
    return Options.parseMixed(KNOWN, List.of(words));
  }

  @Test
  void oneDashIsAsGoodAsTwo() {
    Options options = Options.parse(KNOWN, List.of("-recursive", "--ttl=5", "-path", "x", "k"));
    assertThat(options.on("recursive")).isTrue();
    assertThat(options.number("ttl")).isEqualTo(5);
    assertThat(options.text("path")).isEqualTo("x");
    assertThat(options.arguments()).containsExactly("k");
  }

  @Test
  void anOptionMayBeGivenAgain() {
    Options options = mixed("k", "--path", "a", "--path=b");
    assertThat(options.texts("path")).containsExactly("a", "b");
    assertThat(options.text("path")).isEqualTo("b");
    assertThat(mixed("k").texts("path")).isEmpty();
    assertThat(mixed("k", "--path", "").texts("path")).containsExactly("");
  }

  @Test
  void optionsMayFollowArguments() {
    Options options = mixed("k", "v", "--ttl", "100");
    assertThat(options.number("ttl")).isEqualTo(100);
    assertThat(options.arguments()).containsExactly("k", "v");
  }

  @Test
  void theWordBehindASwitchEndsTheOptionsAsItAlwaysDid() {
    Options options = mixed("-r", "/", "--ttl", "1");
    assertThat(options.on("recursive")).isTrue();
    assertThat(options.number("ttl")).isZero();
    assertThat(options.arguments()).containsExactly("/", "--ttl", "1");
  }

  @Test
  void valuesThatLookLikeOptionsComeBehindTwoDashes() {
    assertThat(mixed("k", "--", "-y").arguments()).containsExactly("k", "-y");
    assertThat(mixed("--", "k", "-y").arguments()).containsExactly("k", "-y");
    assertThat(mixed("k", "-x").arguments()).containsExactly("k", "-x");
  }

  @ParameterizedTest
  @CsvSource({
    "--bogus, flag provided but not defined: -bogus",
    "---x, bad flag syntax: ---x",
    "--=x, bad flag syntax: --=x",
    "-ttl, flag needs an argument: -ttl",
    "--ttl=x, invalid value \"x\" for flag -ttl: parse error",
    "--ttl=99999999999999999999, 'invalid value \"99999999999999999999\" for flag -ttl: value out of"
        + " range'",
    "-r=x, invalid boolean value \"x\" for -r: parse error",
  })
  void whatIsWrongIsSaidInGosWords(String word, String words) {
    assertThatThrownBy(() -> Options.parse(KNOWN, List.of(word))).hasMessage(words);
  }
}
