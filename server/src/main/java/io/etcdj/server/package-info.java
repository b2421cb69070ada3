/** The process: sockets, threads, clocks, flags. */
@NullMarked
package io.etcdj.server;

import org.jspecify.annotations.NullMarked;
