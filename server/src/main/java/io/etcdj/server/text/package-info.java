/**
 * How Go spells values.
 *
 * <p>Flags, configuration files and log lines carry durations, quoted words and URLs as Go's
 * standard library reads and prints them; scripts depend on the exact form, so it lives in one
 * place.
 */
@NullMarked
package io.etcdj.server.text;

import org.jspecify.annotations.NullMarked;
