/**
 * A cluster under load while the worst is done to it, and a verdict on what its clients saw.
 *
 * <p>{@link io.etcdj.proof.chaos.Trial} is one such run: {@link io.etcdj.proof.chaos.Load} works
 * and writes everything down, {@link io.etcdj.proof.chaos.Nemesis} does harm by a seeded schedule,
 * and at the end the checkers of {@code proof.history} judge. {@link io.etcdj.proof.chaos.Chaos} is
 * the same as a command, {@code proof/chaos}.
 */
@NullMarked
package io.etcdj.proof.chaos;

import org.jspecify.annotations.NullMarked;
