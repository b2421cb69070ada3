/**
 * All tables of a backend as one stream of bytes, written and read from front to back: the way from
 * one of our backends into another. It has no index and needs no file on the writing side, which is
 * what a bbolt file would ask for.
 *
 * <pre>
 *   magic        "etcdj rows 1\n"
 *   per table    length of its name (1 byte), name
 *     per row    length of key (4 bytes), length of value (4 bytes), key, value
 *     end        -1 (4 bytes)
 *   end          0 (1 byte), CRC-32C of everything before it (4 bytes)
 * </pre>
 *
 * <p>Numbers are big-endian. Tables and rows come in the backend's order.
 */
@NullMarked
package io.etcdj.storage.rows;

import org.jspecify.annotations.NullMarked;
