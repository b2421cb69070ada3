package io.etcdj.server.config;

import java.util.List;
import java.util.Locale;

/**
 * One row of the table of flags.
 *
 * @param initial what {@code --help} shows and what holds when nothing is set
 * @param choices the words that a {@link Kind#CHOICE} takes, else empty
 * @param target the flag or gate that an old spelling stands for, else empty
 */
record Flag(
    String name,
    Kind kind,
    String initial,
    String help,
    Group group,
    List<String> choices,
    Standing standing,
    String target) {

  /** The headings of {@code --help}, in its order. */
  enum Group {
    MEMBER("Member"),
    CLUSTERING("Clustering"),
    DISCOVERY("Discovery through another cluster"),
    SECURITY("Security"),
    AUTH("Auth"),
    MONITORING("Profiling and monitoring"),
    LOGGING("Logging"),
    CHECKS("Consistency checks and compaction"),
    TRACING("Distributed tracing"),
    FEATURES("Feature gates"),
    UNSAFE("Unsafe"),
    V2("Kept from etcd 3.4 and 3.5"),
    OLD("Old spellings");

    final String title;

    Group(String title) {
      this.title = title;
    }
  }

  /** What a flag means today. */
  enum Standing {
    CURRENT,
    /** Another name of {@link #target}, with the same values. */
    RENAMED,
    /** A switch that became the feature gate {@link #target}. */
    GATED,
    /** Accepted without a value, and ignored. */
    IGNORED
  }

  Object parse(String text) throws BadValue {
    return kind.parse(text, choices);
  }

  /** The environment variable that sets it. */
  String variable() {
    return variable(name);
  }

  static String variable(String name) {
    return "ETCD_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
