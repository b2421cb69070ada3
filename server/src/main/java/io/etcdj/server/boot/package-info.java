/**
 * A member from its data directory to its open ports, and back.
 *
 * <p>{@link io.etcdj.server.boot.DataDirectory} finds or makes the files; {@link
 * io.etcdj.server.boot.Bootstrap} brings log, backend and Raft core to the same point; {@link
 * io.etcdj.server.boot.EtcdMember} puts threads, services and listeners around them.
 */
@NullMarked
package io.etcdj.server.boot;

import org.jspecify.annotations.NullMarked;
