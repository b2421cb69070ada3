/** The agreement: the Raft core as a pure state machine. */
@NullMarked
package io.etcdj.raft;

import org.jspecify.annotations.NullMarked;
