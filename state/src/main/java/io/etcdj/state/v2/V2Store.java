package io.etcdj.state.v2;

import io.etcdj.state.v2.Event.Action;
import io.etcdj.state.v2.V2Stats.Counter;
import io.etcdj.storage.backend.Backend;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The tree of the v2 API, its last events, and who watches it.
 *
 * <p>Changed by the apply thread only, within the backend's {@code begin} and {@code end}; asked
 * and watched by any thread. Paths are clean and absolute. Every write that succeeds raises the
 * index by one; one that is refused changes nothing.
 *
 * <pre>
 *   set("/1/a/b", false, "x", NEVER)   creates /1/a on the way
 *   create("/1/q", …, unique)          creates /1/q/00000000000000000005 if the index is 4
 *   expire(now)                        removes what was to go by then, one index each
 * </pre>
 */
public final class V2Store {
  /** What nobody may change. */
  private static final Set<String> READ_ONLY = Set.of("/", "/0", "/1");

  /** An expiry before 2000 is none: such times came from clients that counted otherwise. */
  private static final long FIRST_EXPIRY_NANOS = 946_684_800L * 1_000_000_000;

  private final Backend backend;
  private final Rows rows;
  private final TreeSet<Node> expiring = new TreeSet<>(Node.BY_EXPIRY);
  private final History history = new History();
  private final Map<String, List<V2Watch>> watches = new HashMap<>();
  private final V2Stats stats = new V2Stats();
  private Node root = emptyRoot();
  private long index;
  private int watchCount;

  /** Loads what the backend holds. */
  public V2Store(Backend backend) {
    this.backend = backend;
    this.rows = new Rows(backend);
    reload();
  }

  private static Node emptyRoot() {
    Node root = new Node("/", null, null, 0, 0);
    for (String name : List.of("0", "1")) {
      childrenOf(root).put(name, new Node("/" + name, root, null, 0, 0));
    }
    return root;
  }

  // ---- Loading and saving -----------------------------------------------------------------------

  /** Starts over from what the backend holds now. */
  public synchronized void reload() {
    try (Backend.TableView tables = backend.openTables()) {
      load(contentsOf(tables));
    }
  }

  /** The store of a view, empty if it has none. */
  public static Contents contentsOf(Backend.TableView tables) {
    return Rows.read(tables);
  }

  /** Whether a backend was ever written to by a store. */
  public static boolean isIn(Backend backend) {
    try (Backend.TableView tables = backend.openTables()) {
      return Rows.are(tables);
    }
  }

  /** All that it holds now. */
  public synchronized Contents contents() {
    List<Contents.Entry> nodes = new ArrayList<>();
    for (Node node : root.walk()) {
      if (!READ_ONLY.contains(node.path)) {
        nodes.add(node.entry());
      }
    }
    return new Contents(index, history.base(), nodes, history.events());
  }

  /** Fills a backend that no store was {@link #isIn in}, from a snapshot; within begin and end. */
  public synchronized void fill(Contents contents) {
    contents.nodes().forEach(rows::putNode);
    contents.history().forEach(rows::putEvent);
    rows.putIndex(contents.index(), contents.historyStart());
    load(contents);
  }

  private void load(Contents contents) {
    root = emptyRoot();
    expiring.clear();
    for (Contents.Entry entry : contents.nodes()) {
      int slash = entry.path().lastIndexOf('/');
      Node parent = Objects.requireNonNull(find(entry.path().substring(0, slash)), entry.path());
      Node node =
          new Node(entry.path(), parent, entry.value(), entry.createdIndex(), entry.expiryNanos());
      node.modifiedIndex = entry.modifiedIndex();
      childrenOf(parent).put(node.name(), node);
      if (node.expiryNanos != 0) {
        expiring.add(node);
      }
    }
    index = contents.index();
    history.reset(contents.historyStart(), index, contents.history());
    catchUp();
  }

  /** Tells watchers what happened while the store was elsewhere. */
  private void catchUp() {
    for (List<V2Watch> some : List.copyOf(watches.values())) {
      for (V2Watch watch : List.copyOf(some)) {
        try {
          replay(watch);
        } catch (V2Exception cleared) {
          watch.lose();
        }
        if (watch.over) {
          remove(watch);
        }
      }
    }
  }

  private @Nullable Node find(String path) {
    Node at = root;
    for (String name : names(path)) {
      Node next = at.child(name);
      if (next == null) {
        return null;
      }
      at = next;
    }
    return at;
  }

  // ---- Writes -----------------------------------------------------------------------------------

  /**
   * Counts writes of members, which this store does not keep; see the package.
   *
   * @param writes how many they are to members that do keep them
   */
  public synchronized void skip(int writes) {
    advance(index + writes);
  }

  /** Puts a file, or a new directory, whatever was there. */
  public synchronized Event set(String path, boolean dir, String value, Expiry expiry) {
    return counted(
        Counter.SETS_SUCCESS,
        Counter.SETS_FAIL,
        () -> {
          Node before = null;
          try {
            before = get(path);
          } catch (V2Exception missing) {
            if (missing.error() != V2Error.KEY_NOT_FOUND || expiry.refresh()) {
              throw missing;
            }
          }
          NodeView prevNode = before == null ? null : before.view();
          String content = expiry.refresh() && before != null ? before.value : value;
          Node node = insert(path, dir, content, true, expiry.atNanos());
          return done(new Event(Action.SET, node.view(), prevNode, expiry.refresh()), List.of());
        });
  }

  /** Puts a file or directory where nothing is; with {@code unique}, one named by the index. */
  public synchronized Event create(
      String path, boolean dir, String value, boolean unique, Expiry expiry) {
    return counted(
        Counter.CREATE_SUCCESS,
        Counter.CREATE_FAIL,
        () -> {
          String at = unique ? join(path, String.format(Locale.ROOT, "%020d", index + 1)) : path;
          Node node = insert(at, dir, value, false, expiry.atNanos());
          return done(new Event(Action.CREATE, node.view(), null, false), List.of());
        });
  }

  private Node insert(
      String path, boolean dir, String value, boolean replace, long wantedExpiryNanos) {
    requireWritable(path);
    long expiryNanos = wantedExpiryNanos < FIRST_EXPIRY_NANOS ? 0 : wantedExpiryNanos;
    List<String> names = names(path);
    Node parent = root;
    for (String name : names.subList(0, names.size() - 1)) {
      parent = directoryOf(parent, name);
    }
    String name = names.get(names.size() - 1);
    Node there = parent.child(name);
    if (there != null) {
      if (!replace) {
        throw V2Error.NODE_EXISTS.at(index, path);
      }
      if (there.isDirectory()) {
        throw V2Error.NOT_FILE.at(index, path);
      }
      expiring.remove(there);
    }
    Node node = new Node(path, parent, dir ? null : value, index + 1, expiryNanos);
    childrenOf(parent).put(name, node);
    if (expiryNanos != 0) {
      expiring.add(node);
    }
    rows.putNode(node.entry());
    return node;
  }

  /** A directory on the way, made if it is not there. Where one is made, all below are. */
  private Node directoryOf(Node parent, String name) {
    Node there = parent.child(name);
    if (there != null) {
      if (!there.isDirectory()) {
        throw V2Error.NOT_DIRECTORY.at(index, there.path);
      }
      return there;
    }
    Node made = new Node(join(parent.path, name), parent, null, index + 1, 0);
    childrenOf(parent).put(name, made);
    rows.putNode(made.entry());
    return made;
  }

  /** Changes the value of a file, or only the time to live of a directory. */
  public synchronized Event update(String path, String value, Expiry expiry) {
    return counted(
        Counter.UPDATE_SUCCESS,
        Counter.UPDATE_FAIL,
        () -> {
          requireWritable(path);
          Node node = get(path);
          if (node.isDirectory() && !value.isEmpty()) {
            throw V2Error.NOT_FILE.at(index, path);
          }
          NodeView prevNode = node.view();
          if (node.isDirectory()) {
            // The event has a new index, the directory keeps its own.
            change(node, "", node.modifiedIndex, expiry.atNanos());
          } else {
            change(node, expiry.refresh() ? node.value : value, index + 1, expiry.atNanos());
          }
          NodeView view = node.view();
          NodeView told =
              new NodeView(
                  view.key(),
                  view.value(),
                  view.dir(),
                  view.expiryNanos(),
                  List.of(),
                  index + 1,
                  view.createdIndex());
          return done(new Event(Action.UPDATE, told, prevNode, expiry.refresh()), List.of());
        });
  }

  private void change(Node node, String value, long modifiedIndex, long expiryNanos) {
    expiring.remove(node);
    node.value = value;
    node.modifiedIndex = modifiedIndex;
    node.expiryNanos = expiryNanos;
    if (expiryNanos != 0) {
      expiring.add(node);
    }
    rows.putNode(node.entry());
  }

  /** Changes a file if it is as expected; an empty value or an index of 0 expects nothing. */
  public synchronized Event compareAndSwap(
      String path, String prevValue, long prevIndex, String value, Expiry expiry) {
    return counted(
        Counter.COMPARE_AND_SWAP_SUCCESS,
        Counter.COMPARE_AND_SWAP_FAIL,
        () -> {
          requireWritable(path);
          Node node = get(path);
          compare(node, prevValue, prevIndex);
          NodeView prevNode = node.view();
          change(node, expiry.refresh() ? node.value : value, index + 1, expiry.atNanos());
          return done(
              new Event(Action.COMPARE_AND_SWAP, node.view(), prevNode, expiry.refresh()),
              List.of());
        });
  }

  private void compare(Node node, String prevValue, long prevIndex) {
    if (node.isDirectory()) {
      throw V2Error.NOT_FILE.at(index, node.path);
    }
    boolean sameValue = prevValue.isEmpty() || prevValue.equals(node.value);
    boolean sameIndex = prevIndex == 0 || prevIndex == node.modifiedIndex;
    if (sameValue && sameIndex) {
      return;
    }
    String values = "[" + prevValue + " != " + node.value + "]";
    String indexes = "[" + Long.toUnsignedString(prevIndex) + " != " + node.modifiedIndex + "]";
    throw V2Error.TEST_FAILED.at(
        index, sameIndex ? values : sameValue ? indexes : values + " " + indexes);
  }

  /** Removes a file; a directory too if {@code dir}, and what is in it if {@code recursive}. */
  public synchronized Event delete(String path, boolean dir, boolean recursive) {
    return counted(
        Counter.DELETE_SUCCESS,
        Counter.DELETE_FAIL,
        () -> {
          requireWritable(path);
          Node node = get(path);
          if (node.isDirectory()) {
            if (!dir && !recursive) {
              throw V2Error.NOT_FILE.at(index, path);
            }
            if (!recursive && !childrenOf(node).isEmpty()) {
              throw V2Error.DIRECTORY_NOT_EMPTY.at(index, path);
            }
          }
          return removal(Action.DELETE, node);
        });
  }

  /** Removes a file if it is as expected. */
  public synchronized Event compareAndDelete(String path, String prevValue, long prevIndex) {
    return counted(
        Counter.COMPARE_AND_DELETE_SUCCESS,
        Counter.COMPARE_AND_DELETE_FAIL,
        () -> {
          Node node = get(path);
          compare(node, prevValue, prevIndex);
          return removal(Action.COMPARE_AND_DELETE, node);
        });
  }

  /** Removes what was to go by this Unix time. */
  public synchronized void expire(long nowNanos) {
    while (!expiring.isEmpty() && expiring.first().expiryNanos <= nowNanos) {
      removal(Action.EXPIRE, expiring.first());
      stats.count(Counter.EXPIRE_COUNT);
    }
  }

  private Event removal(Action action, Node node) {
    NodeView gone =
        new NodeView(
            node.path, null, node.isDirectory(), 0, List.of(), index + 1, node.createdIndex);
    NodeView prevNode = node.view();
    List<String> removed = new ArrayList<>();
    for (Node each : node.walk()) {
      expiring.remove(each);
      rows.deleteNode(each.path);
      removed.add(each.path);
    }
    childrenOf(Objects.requireNonNull(node.parent)).remove(node.name());
    return done(new Event(action, gone, prevNode, false), removed);
  }

  private void requireWritable(String path) {
    if (READ_ONLY.contains(path)) {
      throw V2Error.ROOT_READ_ONLY.at(index, "/");
    }
  }

  private interface Write {
    Event make();
  }

  private Event counted(Counter success, Counter failure, Write write) {
    try {
      Event event = write.make();
      stats.count(success);
      return event;
    } catch (V2Exception refusal) {
      stats.count(failure);
      throw refusal;
    }
  }

  /** Notes an event that has happened and tells those who watch. */
  private Event done(Event event, List<String> removed) {
    history.add(event);
    rows.putEvent(event);
    advance(event.index());
    if (!event.refresh()) {
      tell(event, removed);
    }
    return event;
  }

  private void advance(long to) {
    index = to;
    history.advance(to, rows::deleteEvent);
    rows.putIndex(to, history.base());
  }

  // ---- Reads ------------------------------------------------------------------------------------

  /** What is at a path: a file, or a directory with what is in it. */
  public synchronized Outcome read(String path, boolean recursive) {
    try {
      Event event = new Event(Action.GET, get(path).viewWithChildren(recursive), null, false);
      stats.count(Counter.GETS_SUCCESS);
      return Outcome.of(event, index);
    } catch (V2Exception refusal) {
      stats.count(Counter.GETS_FAIL);
      return Outcome.refused(refusal);
    }
  }

  /** Whether what is at a path is a directory, of whatever size. */
  public synchronized boolean isDirectory(String path) {
    Node node = find(path);
    return node != null && node.isDirectory();
  }

  private Node get(String path) {
    Node at = root;
    for (String name : names(path)) {
      if (!at.isDirectory()) {
        throw V2Error.NOT_DIRECTORY.at(index, at.path);
      }
      Node next = at.child(name);
      if (next == null) {
        throw V2Error.KEY_NOT_FOUND.at(index, join(at.path, name));
      }
      at = next;
    }
    return at;
  }

  public synchronized long index() {
    return index;
  }

  /** When the next node is to go, as Unix time in ns; {@link Long#MAX_VALUE} if none is. */
  public synchronized long nextExpiryNanos() {
    return expiring.isEmpty() ? Long.MAX_VALUE : expiring.first().expiryNanos;
  }

  /** What was asked of this member, by etcd's names, in etcd's order. */
  public synchronized Map<String, Long> statistics() {
    Map<String, Long> all = new LinkedHashMap<>();
    stats.addTo(all);
    all.put("watchers", (long) watchCount);
    return all;
  }

  // ---- Watches ----------------------------------------------------------------------------------

  /**
   * Watches a path, and with {@code recursive} what is below it.
   *
   * @param stream whether to go on after the first event
   * @param since the first index of interest; 0 for what comes next
   * @throws V2Exception when what happened since then is not known any more
   */
  public synchronized V2Watch watch(
      String path, boolean recursive, boolean stream, long since, V2Watch.Listener listener) {
    long from = since == 0 ? index + 1 : since;
    V2Watch watch = new V2Watch(path, recursive, stream, from, index, listener);
    replay(watch);
    if (!watch.over) {
      watches.computeIfAbsent(path, unused -> new ArrayList<>()).add(watch);
      watchCount++;
    }
    return watch;
  }

  /** Tells a watch what is in the history for it. */
  private void replay(V2Watch watch) {
    Event event = history.find(watch.path, watch.recursive, watch.since);
    while (event != null) {
      watch.tell(event);
      event = watch.over ? null : history.find(watch.path, watch.recursive, watch.since);
    }
  }

  /** Ends a watch; nothing is told after it. */
  public synchronized void unwatch(V2Watch watch) {
    watch.over = true;
    remove(watch);
  }

  private void remove(V2Watch watch) {
    List<V2Watch> there = watches.get(watch.path);
    if (there != null && there.remove(watch)) {
      watchCount--;
      if (there.isEmpty()) {
        watches.remove(watch.path);
      }
    }
  }

  private void tell(Event event, List<String> removed) {
    if (watches.isEmpty()) {
      return;
    }
    for (String path : removed) {
      offer(event, path, true);
    }
    offer(event, "/", false);
    String key = event.node().key();
    for (int slash = key.indexOf('/', 1); slash >= 0; slash = key.indexOf('/', slash + 1)) {
      offer(event, key.substring(0, slash), false);
    }
    offer(event, key, false);
  }

  private void offer(Event event, String at, boolean removed) {
    List<V2Watch> there = watches.get(at);
    if (there == null) {
      return;
    }
    for (V2Watch watch : List.copyOf(there)) {
      watch.offer(event, removed);
      if (watch.over) {
        remove(watch);
      }
    }
  }

  // ---- Paths ------------------------------------------------------------------------------------

  private static TreeMap<String, Node> childrenOf(Node directory) {
    return Objects.requireNonNull(directory.children, directory.path);
  }

  private static List<String> names(String path) {
    List<String> names = new ArrayList<>();
    for (String name : path.split("/", -1)) {
      if (!name.isEmpty()) {
        names.add(name);
      }
    }
    return names;
  }

  private static String join(String directory, String name) {
    return directory.equals("/") ? "/" + name : directory + "/" + name;
  }
}
