/**
 * etcdctl as it was for the v2 API, asked for with {@code ETCDCTL_API=2}: other commands, other
 * flag rules, other texts, over HTTP and JSON instead of gRPC.
 *
 * <p>Texts and exit codes are those of etcd 3.4. {@link io.etcdj.ctl.v2.V2Program} finds the {@link
 * io.etcdj.ctl.v2.Verb} that a command line means; what it wants from the cluster goes through
 * {@link io.etcdj.ctl.v2.Cluster}, which knows endpoints and HTTP, and one of the three APIs above
 * it: keys, members and auth.
 */
@NullMarked
package io.etcdj.ctl.v2;

import org.jspecify.annotations.NullMarked;
