/**
 * The proxy of the v2 API, {@code --proxy on}: no member, but a process on each host of clients
 * that passes their HTTP requests to the cluster, so that they need to know no member.
 *
 * <p>{@link io.etcdj.server.proxy.MembersWatch} asks the members for their client URLs again and
 * again, {@link io.etcdj.server.proxy.Endpoints} says which of them may be tried, and {@link
 * io.etcdj.server.proxy.ReverseProxy} passes one request on. All on event loops.
 */
@NullMarked
package io.etcdj.server.proxy;

import org.jspecify.annotations.NullMarked;
