/**
 * What etcdctl can do: one class per command or group of commands.
 *
 * <p>A command checks its arguments, opens a {@link Session}, makes its calls and hands the answers
 * to the session's printer. {@link EtcdctlCommands} is the root that names them all. The words of
 * every error are etcdctl's own.
 */
@NullMarked
package io.etcdj.ctl.command;

import org.jspecify.annotations.NullMarked;
