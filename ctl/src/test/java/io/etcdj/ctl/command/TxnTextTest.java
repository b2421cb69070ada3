package io.etcdj.ctl.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.api.etcdserverpb.Compare;
import io.etcdj.ctl.cli.Failure;
import org.junit.jupiter.api.Test;

class TxnTextTest {
  private static void assertInvalid(String words, Runnable parse) {
    assertThatThrownBy(parse::run)
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.exitCode()).isEqualTo(3))
        .hasMessage(words);
  }

  @Test
  void comparesNameATargetAKeyAnOperatorAndAValue() {
    Compare compare = TxnText.compare("mod(\"a\\tb\") > \"5\"");
    assertThat(compare.getKey().toStringUtf8()).isEqualTo("a\tb");
    assertThat(compare.getTarget()).isEqualTo(Compare.CompareTarget.MOD);
    assertThat(compare.getResult()).isEqualTo(Compare.CompareResult.GREATER);
    assertThat(compare.getModRevision()).isEqualTo(5);
    assertThat(TxnText.compare("val(\"k\") != \"v\"").getValue().toStringUtf8()).isEqualTo("v");
    assertThat(TxnText.compare("lease(\"k\") = \"1f\"").getLease()).isEqualTo(0x1f);
  }

  @Test
  void wrongComparesAreToldInEtcdctlsWords() {
    assertInvalid("malformed comparison: bogus", () -> TxnText.compare("bogus"));
    assertInvalid(
        "malformed comparison: xyz(\"k\") = \"x\" (unknown target xyz)",
        () -> TxnText.compare("xyz(\"k\") = \"x\""));
    assertInvalid(
        "invalid txn compare request: mod(\"k\") = \"zz\"",
        () -> TxnText.compare("mod(\"k\") = \"zz\""));
    assertInvalid(
        "malformed comparison: mod(\"k\") ~ \"1\"", () -> TxnText.compare("mod(\"k\") ~ \"1\""));
  }

  @Test
  void operationsTakeTheFlagsOfTheirCommands() {
    assertThat(TxnText.operation("get a --rev=2 --prefix").getRequestRange().getRevision())
        .isEqualTo(2);
    assertThat(TxnText.operation("put 'a b' \"c\\nd\"").getRequestPut().getValue().toStringUtf8())
        .isEqualTo("c\nd");
    assertThat(TxnText.operation("del a --prefix").getRequestDeleteRange().getRangeEnd())
        .isEqualTo(com.google.protobuf.ByteString.copyFromUtf8("b"));
    assertInvalid("invalid txn request: foo a 1", () -> TxnText.operation("foo a 1"));
    assertInvalid("invalid txn compare request: get", () -> TxnText.operation("get"));
  }

  @Test
  void aLineFallsIntoWordsAtBlanksOutsideQuotes() {
    assertThat(Words.split("put  \"a \\\"b\" 'c  d' e\\f"))
        .containsExactly("put", "a \"b", "c  d", "e\\f");
  }
}
