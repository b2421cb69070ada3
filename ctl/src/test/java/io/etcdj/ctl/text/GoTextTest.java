package io.etcdj.ctl.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class GoTextTest {
  @Test
  void stringsAreQuotedAsGoQuotesThem() {
    assertThat(GoStrings.quote("a\"b\\c\n\u0000é\u200b"))
        .isEqualTo("\"a\\\"b\\\\c\\n\\x00é\\u200b\"");
    assertThat(GoStrings.quote(new byte[] {'a', (byte) 0xff, (byte) 0xc3}))
        .isEqualTo("\"a\\xff\\xc3\"");
  }

  @Test
  void unquotingUndoesEveryEscape() {
    assertThat(GoStrings.unquote("\"a\\tb\\x41\\101\\u00e9\\\"\""))
        .isEqualTo("a\tbAAé\"".getBytes(UTF_8));
    assertThat(GoStrings.unquote("\"\\q\"")).isNull();
    assertThat(GoStrings.endOfQuoted("x \"a\\\"b\" y", 2)).isEqualTo(8);
  }

  @Test
  void sizesAreHumanizedInPowersOfTen() {
    assertThat(GoStrings.bytes(0)).isEqualTo("0 B");
    assertThat(GoStrings.bytes(20480)).isEqualTo("20 kB");
    assertThat(GoStrings.bytes(24576)).isEqualTo("25 kB");
    assertThat(GoStrings.bytes(4_624_384)).isEqualTo("4.6 MB");
    assertThat(GoStrings.bytes(2_147_483_648L)).isEqualTo("2.1 GB");
  }

  @Test
  void durationsReadAndWriteAsInGo() {
    assertThat(GoDuration.format(2_847_567)).isEqualTo("2.847567ms");
    assertThat(GoDuration.format(5_002_230_345L)).isEqualTo("5.002230345s");
    assertThat(GoDuration.format(750_000)).isEqualTo("750µs");
    assertThat(GoDuration.format(3_600_000_000_000L)).isEqualTo("1h0m0s");
    assertThat(GoDuration.parse("1h2m3.5s")).isEqualTo(3_723_500_000_000L);
    assertThatThrownBy(() -> GoDuration.parse("5x"))
        .hasMessage("time: unknown unit \"x\" in duration \"5x\"");
  }

  @Test
  void numbersAreRefusedInGosWords() {
    assertThat(GoNumber.parseInt("7d7ba1fb7c35ca3e", 16)).isEqualTo(0x7d7ba1fb7c35ca3eL);
    assertThat(GoNumber.parseUint("ddd67b312462fd7b", 16)).isEqualTo(0xddd67b312462fd7bL);
    assertThatThrownBy(() -> GoNumber.parseInt("zz", 16))
        .hasMessage("strconv.ParseInt: parsing \"zz\": invalid syntax");
    assertThatThrownBy(() -> GoNumber.parseInt("99999999999999999999", 10))
        .hasMessage("strconv.ParseInt: parsing \"99999999999999999999\": value out of range");
  }
}
