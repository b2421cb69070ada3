package io.etcdj.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A command line as {@code --name value} or {@code --name=value}, in any order. */
public final class Arguments {
  private final Map<String, String> values = new LinkedHashMap<>();
  private final List<String> words = new ArrayList<>();

  /**
   * @param switches options that take no value, such as {@code --json}
   */
  public Arguments(List<String> arguments, List<String> switches) {
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      int equals = argument.indexOf('=');
      if (!argument.startsWith("--")) {
        words.add(argument);
      } else if (equals > 0) {
        values.put(argument.substring(0, equals), argument.substring(equals + 1));
      } else if (switches.contains(argument)) {
        values.put(argument, "true");
      } else if (i + 1 == arguments.size()) {
        throw new IllegalArgumentException(argument + " needs a value");
      } else {
        values.put(argument, arguments.get(++i));
      }
    }
  }

  /** What is no option. */
  public List<String> words() {
    return List.copyOf(words);
  }

  public boolean isSet(String name) {
    return Boolean.parseBoolean(take(name));
  }

  public String text(String name, String unless) {
    String value = take(name);
    return value == null ? unless : value;
  }

  public List<String> list(String name, String unless) {
    String value = text(name, unless);
    return value.isEmpty() ? List.of() : Arrays.asList(value.split(",", -1));
  }

  public int integer(String name, int unless, int least) {
    long value = number(name, unless, least);
    if (value > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(name + " is too large: " + value);
    }
    return (int) value;
  }

  public long number(String name, long unless, long least) {
    String value = take(name);
    if (value == null) {
      return unless;
    }
    long number;
    try {
      number = Long.parseLong(value.replace("_", ""));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " is not a whole number: " + value, e);
    }
    if (number < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ": " + value);
    }
    return number;
  }

  /** To be called when all options have been asked for: refuses those that nobody knows. */
  public void refuseOthers() {
    if (!values.isEmpty()) {
      throw new IllegalArgumentException("unknown option " + values.keySet().iterator().next());
    }
  }

  private @Nullable String take(String name) {
    return values.remove(name);
  }
}
