package io.etcdj.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a run does. */
public enum Mode {
  /** Writes one key per operation. */
  PUT,
  /** Reads one key per operation. */
  RANGE,
  /** Writes {@code --txn-ops} keys per transaction. */
  TXN_PUT,
  /** Puts and reads, {@code --write-percent} of them puts. */
  MIXED,
  /** Writes {@code --total} keys, each once, as fast as possible. */
  FILL,
  /** From sending a put to seeing its event. */
  WATCH_LATENCY,
  /** One event to {@code --streams} watchers. */
  WATCH_FANOUT,
  /** Keep-alives, each client with a stream and a lease of its own. */
  LEASE_KEEPALIVE;

  static Mode parse(String text) {
    return Arrays.stream(values())
        .filter(mode -> mode.toString().equals(text))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no such mode: " + text + "; there are " + names()));
  }

  static String names() {
    return Arrays.stream(values()).map(Mode::toString).collect(Collectors.joining(", "));
  }

  boolean watches() {
    return this == WATCH_LATENCY || this == WATCH_FANOUT;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
