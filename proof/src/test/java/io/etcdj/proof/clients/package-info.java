/**
 * Our server used by the clients that programs already have: jetcd, etcd3 of npm, etcd3 of Python,
 * and the original etcdctl.
 *
 * <p>Each test does what programs do with etcd: keep values, decide by transactions, watch, stay
 * alive by leases, and lock. What is not installed or cannot be fetched is skipped, saying so.
 */
@NullMarked
package io.etcdj.proof.clients;

import org.jspecify.annotations.NullMarked;
