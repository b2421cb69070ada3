/** The load generator. */
@NullMarked
package io.etcdj.bench;

import org.jspecify.annotations.NullMarked;
