package io.etcdj.state.v2;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A file or a directory of the tree. Guarded by its store. */
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
    List<NodeView> views = new ArrayList<>(children.size());
    for (Node child : children.values()) {
      if (!child.isHidden()) {
        views.add(recursive ? child.viewWithChildren(true) : child.view());
      }
    }
    return view(views);
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
