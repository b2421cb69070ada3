/**
 * The backend: where applied state lives between restarts.
 *
 * <p>A backend holds etcd's tables ({@link Table}). Only the apply thread writes, entry by entry;
 * what it wrote is visible to readers at once through an overlay in memory and becomes durable a
 * moment later, together with the index of the entry, so that a restart replays the log from
 * exactly there.
 *
 * <pre>
 *   apply thread    begin, put(7_0, "a=1"), end(index 12)
 *   reader          open() sees 7_0 in the overlay
 *   commit thread   one transaction: 7_0 and "applied = 12"; then the overlay lets go of it
 * </pre>
 *
 * <p>{@link LmdbBackend} keeps it on disk, {@link MemoryBackend} in memory for tests and
 * simulations. The rows are etcd's: the same keys and values that its own database file holds.
 */
@NullMarked
package io.etcdj.storage.backend;

import org.jspecify.annotations.NullMarked;
