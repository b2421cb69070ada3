/**
 * Watch: which watcher gets which event.
 *
 * <p>A {@link io.etcdj.state.watch.Watcher} has one number that decides everything: {@code next},
 * the first revision it has not been given. Live changes go to those that are up to date ({@link
 * io.etcdj.state.watch.Watchers}); one that is behind, because it starts in the past or its client
 * reads slowly, is given history ({@link io.etcdj.state.watch.History}) until its {@code next}
 * passes what was dispatched live, and joins the others. A revision below {@code next} is never
 * given again and none is passed over, whichever of the two ways gives it.
 *
 * <pre>
 *   live at 9; a watcher from 5 comes     next = 5
 *   history gives 5..9                    next = 10, above live: it joins
 *   10 is written                         live gives 10
 * </pre>
 */
@NullMarked
package io.etcdj.state.watch;

import org.jspecify.annotations.NullMarked;
