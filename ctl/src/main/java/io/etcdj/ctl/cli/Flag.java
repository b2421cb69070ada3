package io.etcdj.ctl.cli;

import io.etcdj.ctl.text.GoDuration;
import io.etcdj.ctl.text.GoNumber;
import io.etcdj.ctl.text.GoStrings;

/**
 * One flag: how it is written, what it takes, what it is without being given.
 *
 * @param shorthand its one-letter form, or 0
 * @param initial its value when absent, in the form that the command line would have it
 * @param usage one line for the help page
 */
public record Flag(String name, char shorthand, Kind kind, String initial, String usage) {
  /** What a flag takes; the text is how help pages call it. */
  public enum Kind {
    BOOL(""),
    INT("int"),
    INT64("int"),
    STRING("string"),
    STRINGS("strings"),
    DURATION("duration");

    private final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  public static Flag bool(String name, String usage) {
    return new Flag(name, (char) 0, Kind.BOOL, "false", usage);
  }

  public static Flag number(String name, String usage) {
    return new Flag(name, (char) 0, Kind.INT64, "0", usage);
  }

  public static Flag string(String name, String usage) {
    return new Flag(name, (char) 0, Kind.STRING, "", usage);
  }

  public static Flag duration(String name, String initial, String usage) {
    return new Flag(name, (char) 0, Kind.DURATION, initial, usage);
  }

  public static Flag strings(String name, String initial, String usage) {
    return new Flag(name, (char) 0, Kind.STRINGS, initial, usage);
  }

  public Flag withShorthand(char letter) {
    return new Flag(name, letter, kind, initial, usage);
  }

  public Flag withInitial(String value) {
    return new Flag(name, shorthand, kind, value, usage);
  }

  /** What the help page puts after the name. */
  String valueName() {
    return kind.text;
  }

  /**
   * Checks that {@code value} is of this flag's kind.
   *
   * @throws IllegalArgumentException with the words that follow {@code invalid argument …:}
   */
  void check(String value) {
    switch (kind) {
      case BOOL -> GoNumber.parseBool(value);
      case INT, INT64 -> GoNumber.parseInt(value, 0);
      case DURATION -> GoDuration.parse(value);
      case STRING, STRINGS -> {}
    }
  }

  /** {@code "--name"}, or {@code "-n, --name"}, as error messages have it. */
  String spelled() {
    return shorthand == 0 ? "--" + name : "-" + shorthand + ", --" + name;
  }

  boolean initialIsWorthShowing() {
    return switch (kind) {
      case BOOL -> !initial.equals("false");
      case INT, INT64 -> !initial.equals("0");
      case STRING, STRINGS -> !initial.isEmpty();
      case DURATION -> !initial.equals("0s");
    };
  }

  String shownInitial() {
    return switch (kind) {
      case STRING -> GoStrings.quote(initial);
      case STRINGS -> "[" + initial + "]";
      default -> initial;
    };
  }
}
