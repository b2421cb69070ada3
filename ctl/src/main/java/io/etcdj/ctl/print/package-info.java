/**
 * What etcdctl prints: every answer, in five formats.
 *
 * <p>{@link Printer} has one method per kind of answer and {@link Format} makes the one that {@code
 * --write-out} asks for. Nothing here talks to a cluster: answers come in, bytes go out.
 */
@NullMarked
package io.etcdj.ctl.print;

import org.jspecify.annotations.NullMarked;
