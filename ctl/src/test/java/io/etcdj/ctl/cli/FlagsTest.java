package io.etcdj.ctl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class FlagsTest {
  private static final Flag[] OWN = {
    Flag.bool("prefix", ""), Flag.number("limit", ""), Flag.strings("endpoints", "a:1", "")
  };
  private static final Flag[] GLOBAL = {
    Flag.string("write-out", "").withInitial("simple").withShorthand('w'),
    Flag.duration("command-timeout", "5s", ""),
  };

  private static Flags parse(String... args) {
    return Flags.parse(OWN, GLOBAL, List.of(args));
  }

  private static void assertRefused(String words, String... args) {
    assertThatThrownBy(() -> parse(args)).hasMessage(words);
  }

  @Test
  void flagsAndArgumentsMixUntilTheDash() {
    Flags flags = parse("a", "--prefix", "b", "--limit", "3", "-w", "json", "--", "--prefix=x");
    assertThat(flags.arguments()).containsExactly("a", "b", "--prefix=x");
    assertThat(flags.dashArgument()).isEqualTo(2);
    assertThat(flags.bool("prefix")).isTrue();
    assertThat(flags.number("limit")).isEqualTo(3);
    assertThat(flags.string("write-out")).isEqualTo("json");
  }

  @Test
  void valuesMayFollowAnEqualsSignOrAShorthand() {
    assertThat(parse("--prefix=false").bool("prefix")).isFalse();
    assertThat(parse("-wjson").string("write-out")).isEqualTo("json");
    assertThat(parse("-w=json").string("write-out")).isEqualTo("json");
    assertThat(parse("--command-timeout=1m2.5s").millis("command-timeout")).isEqualTo(62_500);
  }

  @Test
  void listsGrowByCommasAndByRepetition() {
    assertThat(parse().strings("endpoints")).containsExactly("a:1");
    assertThat(parse("--endpoints=b,c", "--endpoints", "d").strings("endpoints"))
        .containsExactly("b", "c", "d");
  }

  @Test
  void mistakesAreToldInPflagsWords() {
    assertRefused("unknown flag: --nosuch", "--nosuch");
    assertRefused("unknown flag: --nosuch", "--nosuch=1");
    assertRefused("unknown shorthand flag: '1' in -1", "-1");
    assertRefused("flag needs an argument: --limit", "--limit");
    assertRefused("flag needs an argument: 'w' in -w", "-w");
    assertRefused("bad flag syntax: --=x", "--=x");
    assertRefused(
        "invalid argument \"x\" for \"--limit\" flag: strconv.ParseInt: parsing \"x\": invalid"
            + " syntax",
        "--limit",
        "x");
    assertRefused(
        "invalid argument \"maybe\" for \"--prefix\" flag: strconv.ParseBool: parsing \"maybe\":"
            + " invalid syntax",
        "--prefix=maybe");
    assertRefused(
        "invalid argument \"5\" for \"--command-timeout\" flag: time: missing unit in duration"
            + " \"5\"",
        "--command-timeout=5");
  }
}
