package io.etcdj.state.mvcc;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * An executable specification of the store: a list of whole states, one per revision.
 *
 * <p>Slow and obvious. A put copies the last state, changes it and appends it.
 */
final class ModelStore {
  record Value(String value, long create, long mod, long version, long lease) {}

  /** The state at revision i + 1; states below the compaction stay, but may not be asked for. */
  private final List<TreeMap<String, Value>> states = new ArrayList<>(List.of(new TreeMap<>()));

  long compacted;

  long revision() {
    return states.size();
  }

  TreeMap<String, Value> at(long revision) {
    return states.get((int) revision - 1);
  }

  /** Opens the next revision. */
  TreeMap<String, Value> next() {
    return new TreeMap<>(at(revision()));
  }

  void put(TreeMap<String, Value> state, String key, String value, long lease) {
    long main = revision() + 1;
    Value before = state.get(key);
    state.put(
        key,
        before == null
            ? new Value(value, main, main, 1, lease)
            : new Value(value, before.create(), main, before.version() + 1, lease));
  }

  void append(TreeMap<String, Value> state) {
    states.add(state);
  }
}
