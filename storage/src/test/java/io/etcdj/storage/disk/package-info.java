/** Tests of the package of the same name. */
@NullMarked
package io.etcdj.storage.disk;

import org.jspecify.annotations.NullMarked;
