/**
 * bbolt files, the format of Go etcd's database, read and written at the boundary.
 *
 * <p>We do not keep our keys in this format. It is what {@code snapshot save} hands out, {@code
 * snapshot restore} takes in, and what is found in the data directory of a Go member.
 *
 * <p>A file is a row of pages. Pages 0 and 1 are metas, of which the one with the higher
 * transaction counts; it leads to a tree of buckets by name, and each bucket is a tree of pairs.
 *
 * <pre>
 *   meta -> root tree:  "key" -> page 9    "meta" -> inline
 *             page 9 (branch) -> page 5, page 7 (leaves; each may run over several pages)
 * </pre>
 *
 * <p>{@link BoltReader} believes nothing in the file: a page that is out of place, a size that does
 * not fit, keys out of order and a tree that has no end are told with the page's number. {@link
 * BoltWriter} writes once, in order, from the leaves up, and needs memory for one page per level.
 */
@NullMarked
package io.etcdj.storage.bolt;

import org.jspecify.annotations.NullMarked;
