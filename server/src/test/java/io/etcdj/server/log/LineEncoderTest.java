package io.etcdj.server.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LineEncoderTest {
  private static final Instant TIME = Instant.parse("2026-11-21T00:23:35.410732Z");

  private static String json(Object... fields) {
    byte[] line =
        new LineEncoder(LogFormat.JSON, ZoneOffset.UTC)
            .encode(Level.INFO, TIME, "member/Loop.java:7", "hello", fields);
    return new String(line, UTF_8);
  }

  @Test
  void fieldsComeInTheOrderGivenAfterTheFixedOnes() {
    assertThat(json("b", 1, "a", true))
        .isEqualTo(
            "{\"level\":\"info\",\"ts\":\"2026-11-21T00:23:35.410732Z\",\"caller\":\"member/Loop.java:7\","
                + "\"msg\":\"hello\",\"b\":1,\"a\":true}\n");
  }

  @Test
  void everyKindOfValueHasItsShape() {
    assertThat(
            json(
                "duration",
                Duration.ofMillis(1500),
                "list",
                List.of("a", 1),
                "map",
                Map.of("k", 2L),
                "error",
                new IllegalStateException("no \"way\""),
                "half",
                0.5,
                "whole",
                3.0,
                "nan",
                Double.NaN,
                "control",
                "\u0001\t"))
        .endsWith(
            "\"duration\":\"1.5s\",\"list\":[\"a\",1],\"map\":{\"k\":2},\"error\":\"no \\\"way\\\"\","
                + "\"half\":0.5,\"whole\":3,\"nan\":\"NaN\",\"control\":\"\\u0001\\t\"}\n");
  }

  @Test
  void aNameWithoutAValueDoesNotLoseTheLine() {
    assertThat(json("alone")).endsWith("\"msg\":\"hello\",\"alone\":null}\n");
  }

  @Test
  void trailingZerosOfTheTimeAreDropped() {
    LineEncoder encoder = new LineEncoder(LogFormat.JSON, ZoneId.of("Asia/Kolkata"));

    assertThat(
            new String(
                encoder.encode(Entry.warn("m"), Instant.parse("2026-01-02T03:04:05.1200Z")), UTF_8))
        .isEqualTo("{\"level\":\"warn\",\"ts\":\"2026-01-02T08:34:05.12+0530\",\"msg\":\"m\"}\n");
    assertThat(
            new String(
                encoder.encode(Entry.warn("m"), Instant.parse("2026-01-02T03:04:05Z")), UTF_8))
        .contains("T08:34:05+0530");
  }

  @Test
  void theConsoleFormatIsSeparatedByTabs() {
    LineEncoder encoder = new LineEncoder(LogFormat.CONSOLE, ZoneOffset.UTC);

    assertThat(
            new String(
                encoder.encode(Level.WARN, TIME, "a/B.java:1", "m", "k", 1, "l", "x"), UTF_8))
        .isEqualTo("2026-11-21T00:23:35.410732Z\twarn\ta/B.java:1\tm\t{\"k\": 1, \"l\": \"x\"}\n");
    assertThat(new String(encoder.encode(Level.WARN, TIME, "", "m"), UTF_8))
        .isEqualTo("2026-11-21T00:23:35.410732Z\twarn\tm\n");
  }
}
