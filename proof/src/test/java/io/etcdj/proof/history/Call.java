package io.etcdj.proof.history;

import org.jspecify.annotations.Nullable;

/** What a client asked of one key. Every value is written once only in a history. */
public sealed interface Call {
  /** Sets the value. */
  record Put(String value) implements Call {}

  /** A linearizable read. */
  record Get() implements Call {}

  /** Deletes the key if it is there. */
  record Delete() implements Call {}

  /**
   * Compare and set: sets the value if the key's mod_revision is the expected one, else reads.
   *
   * @param expected mod_revision, 0 if the key must not exist
   */
  record Swap(long expected, String value) implements Call {}

  /** The value that it may write, or null. */
  default @Nullable String writes() {
    if (this instanceof Put put) {
      return put.value();
    }
    return this instanceof Swap swap ? swap.value() : null;
  }
}
