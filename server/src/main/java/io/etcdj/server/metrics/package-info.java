/**
 * What the process counts, and how Prometheus reads it.
 *
 * <p>A registry of our own, because the exposition must match what dashboards built for etcd expect
 * to the letter: gauges named {@code …_total}, counters without that ending, Go's float format, and
 * labels in Go's order. The usual client library renames or refuses several of these.
 *
 * <p>Hot paths only touch a {@link io.etcdj.server.metrics.Counter} or a {@link
 * io.etcdj.server.metrics.Histogram}, which are lock-free adders; everything else happens when
 * somebody scrapes.
 */
@NullMarked
package io.etcdj.server.metrics;

import org.jspecify.annotations.NullMarked;
