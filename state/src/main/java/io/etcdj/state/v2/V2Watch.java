package io.etcdj.state.v2;

/** A watch of a path. Guarded by its store. */
public final class V2Watch {

  /**
   * Who is told; in order, under the store's lock, so it must be quick and call nobody back. It may
   * be told before the call that began the watch returns.
   */
  public interface Listener {
    void happened(Event event);

    /** Events were lost; nothing more will come. */
    void lost();
  }

  final String path;
  final boolean recursive;
  final boolean stream;
  final Listener listener;
  private final long startIndex;

  /** The next index of interest. */
  long since;

  boolean over;

  V2Watch(
      String path,
      boolean recursive,
      boolean stream,
      long since,
      long startIndex,
      Listener listener) {
    this.path = path;
    this.recursive = recursive;
    this.stream = stream;
    this.since = since;
    this.startIndex = startIndex;
    this.listener = listener;
  }

  /** Where the store was when the watch began. */
  public long startIndex() {
    return startIndex;
  }

  /** Offers an event that happened at this path or below, or that took it away. */
  void offer(Event event, boolean removed) {
    boolean here = event.node().key().equals(path);
    if (!here && isHidden(path, event.node().key())) {
      return;
    }
    boolean asked = Long.compareUnsigned(event.index(), since) >= 0; // clients may ask for any
    if (!over && asked && (recursive || here || removed)) {
      tell(event);
    }
  }

  void tell(Event event) {
    since = event.index() + 1; // never the same event twice
    over = !stream;
    listener.happened(event);
  }

  void lose() {
    over = true;
    listener.lost();
  }

  /** Whether some directory between the watched path and the key, or the key itself, is hidden. */
  private static boolean isHidden(String watched, String key) {
    if (watched.length() > key.length()) {
      return false; // a directory above is removed
    }
    String below = key.substring(watched.length());
    return below.startsWith("_") || below.contains("/_");
  }
}
