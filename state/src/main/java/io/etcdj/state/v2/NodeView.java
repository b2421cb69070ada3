package io.etcdj.state.v2;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node as it was at some moment.
 *
 * @param value of a file; null for directories, and for nodes that are gone
 * @param expiryNanos Unix time in ns at which it goes, or 0 for never
 * @param nodes what is in a directory, as far as asked for, in order of keys
 */
public record NodeView(
    String key,
    @Nullable String value,
    boolean dir,
    long expiryNanos,
    List<NodeView> nodes,
    long modifiedIndex,
    long createdIndex) {}
