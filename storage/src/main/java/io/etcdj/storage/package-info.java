/** The disk: write-ahead log, snapshot files, backend, bbolt files. */
@NullMarked
package io.etcdj.storage;

import org.jspecify.annotations.NullMarked;
