/**
 * The command line: which command was meant, with which flags, and what its help looks like.
 *
 * <p>The rules and words are those of Go's cobra and pflag, which scripts know. A {@link Command}
 * owns one table of {@link Flag}s that both the parser ({@link Flags}) and the help page ({@link
 * Help}) read; {@link Program} finds the command and runs it. Nothing here knows etcd or a network.
 */
@NullMarked
package io.etcdj.ctl.cli;

import org.jspecify.annotations.NullMarked;
