/** Tests of the package of the same name. */
@NullMarked
package io.etcdj.storage.snap;

import org.jspecify.annotations.NullMarked;
