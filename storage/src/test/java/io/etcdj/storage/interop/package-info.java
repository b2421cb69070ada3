/**
 * Our files under Go etcd, and its files under ours.
 *
 * <p>A reader and a writer of one hand agree on their mistakes. These tests run the {@code etcd}
 * and {@code etcdctl} of the system, 3.4 or newer, and are skipped where there are none.
 */
@NullMarked
package io.etcdj.storage.interop;

import org.jspecify.annotations.NullMarked;
