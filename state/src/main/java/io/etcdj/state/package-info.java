/** The machine: what every member agrees on. */
@NullMarked
package io.etcdj.state;

import org.jspecify.annotations.NullMarked;
