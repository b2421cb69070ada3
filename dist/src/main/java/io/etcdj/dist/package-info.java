/** What is needed only while the runnable directory is being made. */
@NullMarked
package io.etcdj.dist;

import org.jspecify.annotations.NullMarked;
