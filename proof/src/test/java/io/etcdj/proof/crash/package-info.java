/**
 * Crashes: servers that are killed at any moment, and what their clients then find.
 *
 * <p>{@link io.etcdj.proof.crash.KillTest} checks durability, atomicity and watches; {@link
 * io.etcdj.proof.crash.LinearizabilityTest} checks that what clients saw can have happened one
 * after the other.
 */
@NullMarked
package io.etcdj.proof.crash;

import org.jspecify.annotations.NullMarked;
