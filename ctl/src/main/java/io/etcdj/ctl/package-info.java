/** etcdctl and etcdutl. */
@NullMarked
package io.etcdj.ctl;

import org.jspecify.annotations.NullMarked;
