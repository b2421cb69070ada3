package io.etcdj.state.v2;

import org.jspecify.annotations.Nullable;

/**
 * What happened to a node, or what was read of it.
 *
 * @param prevNode what was there before, or null
 * @param refresh whether only the time to live was renewed, of which watchers are not told
 */
public record Event(Action action, NodeView node, @Nullable NodeView prevNode, boolean refresh) {

  /** The kinds of events, by the words of the API. */
  public enum Action {
    GET("get"),
    CREATE("create"),
    SET("set"),
    UPDATE("update"),
    DELETE("delete"),
    COMPARE_AND_SWAP("compareAndSwap"),
    COMPARE_AND_DELETE("compareAndDelete"),
    EXPIRE("expire");

    private final String word;

    Action(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }

    static Action of(String word) {
      for (Action action : values()) {
        if (action.word.equals(word)) {
          return action;
        }
      }
      throw new IllegalArgumentException("no action: " + word);
    }
  }

  /** The store's index when it happened. */
  public long index() {
    return node.modifiedIndex();
  }

  /** Whether a node is there now that was not before. */
  public boolean isCreation() {
    return action == Action.CREATE || (action == Action.SET && prevNode == null);
  }

  /** Whether what was below the node went with it. */
  boolean removesDirectory() {
    return (action == Action.DELETE || action == Action.EXPIRE)
        && prevNode != null
        && prevNode.dir();
  }
}
