package io.etcdj.state.v2;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A file or a directory of the tree. Guarded by its store.
 *
 * <p>Whoever goes down the tree does so without recursion: a member of etcd 3.4 lets clients make
 * it deeper than a thread's stack.
 */
final class Node {
  /** What expires first comes first; any fixed order will do for what expires together. */
  static final Comparator<Node> BY_EXPIRY =
      Comparator.comparingLong((Node node) -> node.expiryNanos).thenComparing(node -> node.path);

  final String path;
  final @Nullable Node parent;

  /** What is in a directory, by name; null for a file. */
  final @Nullable TreeMap<String, Node> children;

  final long createdIndex;
  long modifiedIndex;
  long expiryNanos;
  String value;

  Node(
      String path,
      @Nullable Node parent,
      @Nullable String value,
      long createdIndex,
      long expiryNanos) {
    this.path = path;
    this.parent = parent;
    this.children = value == null ? new TreeMap<>() : null;
    this.value = value == null ? "" : value;
    this.createdIndex = createdIndex;
    this.modifiedIndex = createdIndex;
    this.expiryNanos = expiryNanos;
  }

  boolean isDirectory() {
    return children != null;
  }

  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private boolean isHidden() {
    return name().startsWith("_");
  }

  @Nullable Node child(String name) {
    return children == null ? null : children.get(name);
  }

  /** The node without what is in it. */
  NodeView view() {
    return view(List.of());
  }

  /** The node, what is in it, and with {@code recursive} all below. */
  NodeView viewWithChildren(boolean recursive) {
    if (children == null) {
      return view();
    }
    Deque<Viewing> open = new ArrayDeque<>();
    open.addLast(new Viewing(this, children));
    while (true) {
      Viewing inner = open.getLast();
      if (inner.rest.hasNext()) {
        Node child = inner.rest.next();
        if (recursive && child.children != null && !child.isHidden()) {
          open.addLast(new Viewing(child, child.children));
        } else if (!child.isHidden()) {
          inner.views.add(child.view());
        }
      } else {
        NodeView done = inner.directory.view(inner.views);
        open.removeLast();
        if (open.isEmpty()) {
          return done;
        }
        open.getLast().views.add(done);
      }
    }
  }

  /** A directory of which some children are seen. */
  private static final class Viewing {
    final Node directory;
    final Iterator<Node> rest;
    final List<NodeView> views;

    Viewing(Node directory, TreeMap<String, Node> children) {
      this.directory = directory;
      this.rest = children.values().iterator();
      this.views = new ArrayList<>(children.size());
    }
  }

  /** The node and all below it: what is in a directory is right behind it, by name. */
  List<Node> walk() {
    List<Node> all = new ArrayList<>();
    Deque<Node> ahead = new ArrayDeque<>();
    ahead.addLast(this);
    while (!ahead.isEmpty()) {
      Node next = ahead.removeLast();
      all.add(next);
      if (next.children != null) {
        next.children.descendingMap().values().forEach(ahead::addLast);
      }
    }
    return all;
  }

  private NodeView view(List<NodeView> nodes) {
    return new NodeView(
        path,
        isDirectory() ? null : value,
        isDirectory(),
        expiryNanos,
        nodes,
        modifiedIndex,
        createdIndex);
  }

  Contents.Entry entry() {
    return new Contents.Entry(
        path, isDirectory() ? null : value, expiryNanos, modifiedIndex, createdIndex);
  }
}
