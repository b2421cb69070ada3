package io.etcdj.ctl.v2;

import io.etcdj.ctl.text.GoDuration;
import io.etcdj.ctl.text.GoNumber;
import io.etcdj.ctl.text.GoStrings;
import java.util.List;

/**
 * One option: what it may be called, what it takes, what it is without being given.
 *
 * @param names the first is the one it is looked up by
 * @param sample what the help page puts after the names; empty for a switch
 */
record Option(List<String> names, Kind kind, String initial, String sample, String usage) {
  /** What an option takes. */
  enum Kind {
    SWITCH,
    NUMBER,
    TEXT,
    DURATION
  }

  static Option onOff(String usage, String... names) {
    return new Option(List.of(names), Kind.SWITCH, "false", "", usage);
  }

  static Option number(String usage, String... names) {
    return new Option(List.of(names), Kind.NUMBER, "0", "value", usage);
  }

  static Option text(String usage, String... names) {
    return new Option(List.of(names), Kind.TEXT, "", "value", usage);
  }

  static Option duration(String initial, String usage, String name) {
    return new Option(List.of(name), Kind.DURATION, initial, "value", usage);
  }

  Option withInitial(String value) {
    return new Option(names, kind, value, sample, usage);
  }

  Option withSample(String word) {
    return new Option(names, kind, initial, word, usage);
  }

  String name() {
    return names.get(0);
  }

  /** {@code --recursive, -r}, with the sample after each name. */
  String spelled() {
    StringBuilder out = new StringBuilder();
    for (String name : names) {
      out.append(out.length() == 0 ? "" : ", ")
          .append(name.length() == 1 ? "-" : "--")
          .append(name);
      if (!sample.isEmpty()) {
        out.append(' ').append(sample);
      }
    }
    return out.toString();
  }

  /** The usage line with the initial value, where there is one. */
  String explained() {
    if (kind == Kind.SWITCH || initial.isEmpty()) {
      return usage;
    }
    String shown = kind == Kind.TEXT ? GoStrings.quote(initial) : initial;
    return usage + " (default: " + shown + ")";
  }

  /**
   * Checks that {@code value} is of this option's kind.
   *
   * @throws IllegalArgumentException with the words of Go's flag package
   */
  void check(String given, String value) {
    try {
      switch (kind) {
        case SWITCH -> GoNumber.parseBool(value);
        case NUMBER -> GoNumber.parseInt(value, 0);
        case DURATION -> GoDuration.parse(value);
        case TEXT -> {}
      }
    } catch (IllegalArgumentException e) {
      String why =
          String.valueOf(e.getMessage()).endsWith("value out of range")
              ? "value out of range"
              : "parse error";
      String what = kind == Kind.SWITCH ? "boolean value " : "value ";
      throw new IllegalArgumentException(
          "invalid "
              + what
              + GoStrings.quote(value)
              + (kind == Kind.SWITCH ? " for -" : " for flag -")
              + given
              + ": "
              + why,
          e);
    }
  }
}
