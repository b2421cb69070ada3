/**
 * The apply thread: committed entries in, answers and events out.
 *
 * <p>{@link io.etcdj.server.apply.ApplyLoop} takes batches of entries in log order, applies each to
 * the state machine, publishes the store once per batch, and only then answers whoever waits: what
 * is acknowledged is visible.
 */
@NullMarked
package io.etcdj.server.apply;

import org.jspecify.annotations.NullMarked;
