/**
 * Crashes: servers that are killed at any moment, and what their clients then find.
 *
 * <p>{@link io.etcdj.proof.crash.KillTest} checks durability, atomicity and watches of one member;
 * clusters, and whether what clients saw can have happened one after the other, are the matter of
 * {@code proof.chaos}.
 */
@NullMarked
package io.etcdj.proof.crash;

import org.jspecify.annotations.NullMarked;
