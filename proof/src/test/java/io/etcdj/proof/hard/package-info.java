/**
 * Hard days: damage on disk, full disks, hostile and slow clients, large amounts, clocks that jump.
 *
 * <p>After each, the server must still answer a put and a get within a second, and nothing that it
 * acknowledged may be gone.
 */
@NullMarked
package io.etcdj.proof.hard;

import org.jspecify.annotations.NullMarked;
