/**
 * The v2 API over HTTP, as etcd up to 3.5 served it with {@code --enable-v2}: one class per
 * resource.
 *
 * <p>Everything here runs on the event loop of its request. Writes go through the log and come back
 * from the apply thread; plain reads and watches ask this member's store, those of directories on a
 * worker. A long poll holds no thread: it is a watch of the store that writes to its response.
 */
@NullMarked
package io.etcdj.server.v2;

import org.jspecify.annotations.NullMarked;
