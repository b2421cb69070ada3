/**
 * How members that do not know each other yet find each other, once, before they have data.
 *
 * <p>{@link io.etcdj.server.discovery.Rendezvous} is the meeting: every member puts its URLs down
 * in a {@link io.etcdj.server.discovery.Registry}, the first so many are the cluster. {@link
 * io.etcdj.server.discovery.ServiceRecords} asks the DNS instead, where an administrator has
 * written down the members.
 */
@NullMarked
package io.etcdj.server.discovery;

import org.jspecify.annotations.NullMarked;
