/** Tests of the package of the same name. */
@NullMarked
package io.etcdj.storage.bolt;

import org.jspecify.annotations.NullMarked;
