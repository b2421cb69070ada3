package io.etcdj.state.mvcc;

/**
 * A point in the store's history: {@code main} per transaction, {@code sub} per change within it.
 */
public record Revision(long main, long sub) implements Comparable<Revision> {
  @Override
  public int compareTo(Revision other) {
    int byMain = Long.compare(main, other.main);
    return byMain != 0 ? byMain : Long.compare(sub, other.sub);
  }

  @Override
  public String toString() {
    return main + "_" + sub;
  }
}
