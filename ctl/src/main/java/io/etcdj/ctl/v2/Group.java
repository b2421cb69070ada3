package io.etcdj.ctl.v2;

import java.util.List;

/** A word with commands below it. */
final class Group extends Verb {
  private final List<Verb> children;

  Group(String name, String about, List<Verb> children) {
    super(name, "", about);
    this.children = children;
  }

  @Override
  List<Verb> children() {
    return children;
  }

  @Override
  int run(Call call) {
    throw new IllegalStateException(name() + " only groups other commands");
  }
}
