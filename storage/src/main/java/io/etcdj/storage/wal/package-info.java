/**
 * The write-ahead log, byte for byte as etcd writes it.
 *
 * <p>A log is a directory of segments. A segment is a row of frames, each a length, a record and
 * padding to eight bytes. Every record carries the CRC-32C of the data of all records before it and
 * of its own, across segments: a record that is missing or swapped is as visible as one that is
 * damaged.
 *
 * <pre>
 *   0000000000000000-0000000000000000.wal   crc 0, metadata, snapshot 0/0, entries, states ...
 *   0000000000000001-0000000000004e21.wal   crc c, metadata, state, entries, states ...
 *   0.tmp                                   the next segment, filled with zeros ahead of time
 * </pre>
 *
 * <p>{@link Wal} is the door: it decides when to sync, when to cut and what may be released. Behind
 * it {@code SegmentWriter} turns records into bytes, {@code RecordReader} turns bytes into records
 * and tells a torn write from damage, {@code NextSegment} prepares files ahead, {@code EntryPlaces}
 * and {@code EntryReader} find entries again.
 *
 * <p><b>Torn or damaged.</b> A crash leaves each 512-byte sector of an unsynced write either old
 * (zero) or new. Frames start at multiples of eight, so a length field is there or is zero, never
 * half. What cannot come from a crash is damage, and a log that is damaged is refused, because
 * cutting it would lose records that were promised. etcd is laxer at three places, where a flipped
 * bit makes it drop synced records: a length that leads behind the end of the file though the
 * record in it says otherwise, a zero length with data behind it in the same sector, and a segment
 * that lost its head. Here these are damage.
 */
@NullMarked
package io.etcdj.storage.wal;

import org.jspecify.annotations.NullMarked;
