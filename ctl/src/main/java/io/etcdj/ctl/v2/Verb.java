package io.etcdj.ctl.v2;

import java.util.List;

/**
 * One command: its word, its options and what it does. A group of commands, like {@code member}, is
 * one that has children and does nothing itself.
 */
abstract class Verb {
  private static final Option[] NO_OPTIONS = {};

  private final String name;
  private final String arguments;
  private final String about;

  /**
   * @param arguments a sketch for the help page; a blank if it takes none
   * @param about one line for listings
   */
  Verb(String name, String arguments, String about) {
    this.name = name;
    this.arguments = arguments;
    this.about = about;
  }

  final String name() {
    return name;
  }

  final String arguments() {
    return arguments;
  }

  final String about() {
    return about;
  }

  /** More about it, for its help page; usually nothing. */
  String description() {
    return "";
  }

  Option[] options() {
    return NO_OPTIONS;
  }

  List<Verb> children() {
    return List.of();
  }

  /** Whether it finds its own way through the words behind it. */
  boolean readsWords() {
    return false;
  }

  /**
   * Does its work.
   *
   * @return the exit code
   * @throws io.etcdj.ctl.cli.Failure to end with a text on stderr
   */
  abstract int run(Call call);
}
