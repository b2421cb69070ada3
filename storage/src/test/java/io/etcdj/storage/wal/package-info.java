/** Tests of the package of the same name. */
@NullMarked
package io.etcdj.storage.wal;

import org.jspecify.annotations.NullMarked;
