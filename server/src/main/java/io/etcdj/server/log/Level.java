package io.etcdj.server.log;

import java.util.Locale;
import java.util.Optional;

/** How grave a line is, by the names of {@code --log-level}. */
public enum Level {
  DEBUG,
  INFO,
  WARN,
  ERROR,
  DPANIC,
  PANIC,
  FATAL;

  private final String text = name().toLowerCase(Locale.ROOT);

  /** The level of that name, in small or capital letters. */
  public static Optional<Level> of(String text) {
    for (Level level : values()) {
      if (level.text.equals(text) || level.name().equals(text)) {
        return Optional.of(level);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return text;
  }
}
