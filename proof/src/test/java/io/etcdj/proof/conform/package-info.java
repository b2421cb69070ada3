/**
 * The same calls to our server and to the original, side by side.
 *
 * <p>{@link io.etcdj.proof.conform.Both} makes a call of both and demands one answer; what of it
 * may differ (ids, terms, sizes) {@link io.etcdj.proof.conform.Masks} takes out. The original is
 * etcd 3.4, the newest that distributions carry, and we are at the level of 3.7: where etcd itself
 * changed in between, {@link io.etcdj.proof.conform.Since34} says how, and the test asserts either
 * side's behaviour.
 */
@NullMarked
package io.etcdj.proof.conform;

import org.jspecify.annotations.NullMarked;
