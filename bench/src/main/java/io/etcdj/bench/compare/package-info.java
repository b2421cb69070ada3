/**
 * Two servers side by side: the same loads in turn, medians and ratios as a Markdown table.
 *
 * <p>{@link io.etcdj.bench.compare.Compare} runs {@link io.etcdj.bench.compare.Section}s. A section
 * starts what it needs of both {@link io.etcdj.bench.compare.Subject}s as {@link
 * io.etcdj.bench.compare.Cluster}s, measures in rounds that take the subjects in turn (so that a
 * change of the machine's mood meets both), and writes its rows into a {@link
 * io.etcdj.bench.compare.Table}. The loads run in this process, whose client is then as warm for
 * the first subject as for the second.
 */
@NullMarked
package io.etcdj.bench.compare;

import org.jspecify.annotations.NullMarked;
