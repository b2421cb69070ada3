/**
 * From what the operator wrote to one immutable {@link io.etcdj.server.config.Config}.
 *
 * <p>{@link io.etcdj.server.config.Flags} is the table of every flag; adding one is adding a row
 * there and a component in {@code Config}. A row's value may come from the command line, the
 * environment or a file ({@link io.etcdj.server.config.ConfigFile}); all three end in {@link
 * io.etcdj.server.config.Settings}, which {@link io.etcdj.server.config.Validation} checks. {@link
 * io.etcdj.server.config.CommandLine} runs these in etcd's order and answers with a configuration
 * or with what to print and the exit code, so that nothing here stops a process.
 */
@NullMarked
package io.etcdj.server.config;

import org.jspecify.annotations.NullMarked;
