/**
 * Watch streams: the threads behind {@link io.etcdj.state.watch} and the streams in front of it.
 *
 * <p>{@link io.etcdj.server.watch.WatchHub} has two threads. The live one owns the watchers that
 * are up to date and gives them each batch of changes; the history one reads for those that are
 * behind. A {@link io.etcdj.server.watch.WatchStream} lives on its call's event loop and hands out
 * watch ids.
 */
@NullMarked
package io.etcdj.server.watch;

import org.jspecify.annotations.NullMarked;
