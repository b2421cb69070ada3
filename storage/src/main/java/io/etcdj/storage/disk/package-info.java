/**
 * The few things that the log and the snapshot files ask of a disk.
 *
 * <p>{@link Disk} and {@link DiskFile} are the door. {@link FileDisk} is the real one. {@link
 * SimulatedDisk} keeps everything in memory, knows what has been synced and what has not, and can
 * lose the difference: durability is only believed where it survived that.
 *
 * <p>Nothing here retries. After a failed sync nobody knows what is on the medium, so whoever asked
 * must stop.
 */
@NullMarked
package io.etcdj.storage.disk;

import org.jspecify.annotations.NullMarked;
