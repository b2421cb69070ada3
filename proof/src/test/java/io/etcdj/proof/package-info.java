/**
 * Whole-system tests: servers as real processes, on free ports of this machine, with data in
 * temporary directories.
 *
 * <p>{@link io.etcdj.proof.ServerProcess} starts and ends them.
 */
@NullMarked
package io.etcdj.proof;

import org.jspecify.annotations.NullMarked;
