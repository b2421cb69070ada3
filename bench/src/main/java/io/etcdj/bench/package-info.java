/**
 * The load generator: one tool for any etcd endpoint, ours or not.
 *
 * <p>{@link io.etcdj.bench.Load} reads {@link io.etcdj.bench.LoadOptions}, opens connections
 * ({@code h2}) and lets one {@link io.etcdj.bench.Workload} per event loop run, first for the
 * warm-up, then for the measurement. A {@link io.etcdj.bench.Pacer} hands operations to the
 * workload's clients: each as soon as the client is free (closed loop), or each at its due time,
 * from which the latency then counts, whether or not a client was free (open loop; a server that
 * stalls cannot hide it). What came out is a {@link io.etcdj.bench.LoadResult}.
 *
 * <p>Everything of a workload is confined to its event loop; the main thread looks at it only when
 * the loop has said that it is done.
 */
@NullMarked
package io.etcdj.bench;

import org.jspecify.annotations.NullMarked;
