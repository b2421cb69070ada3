/**
 * How Go writes things: quoted strings, durations, byte sizes, number errors.
 *
 * <p>Scripts compare the output of etcdctl to the letter, and its letters are those of Go's
 * standard library. Each class here mimics one corner of it, and knows nothing about etcd.
 */
@NullMarked
package io.etcdj.ctl.text;

import org.jspecify.annotations.NullMarked;
