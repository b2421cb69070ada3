package io.etcdj.server.config;

import io.etcdj.server.config.FeatureGates.Gate;
import io.etcdj.server.text.EtcdUrl;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The value of every flag by its current name: what was given, else the default.
 *
 * <p>Old spellings end here under the new name. Lives only while a command line is being read.
 */
final class Settings {
  private final Map<String, Object> given = new HashMap<>();
  private final Map<Gate, Boolean> switchedGates = new EnumMap<>(Gate.class);

  /** Sets a flag from text. */
  void set(Flag flag, String text) throws BadValue {
    Object value = flag.parse(text);
    switch (flag.standing()) {
      case CURRENT -> given.put(flag.name(), value);
      case RENAMED -> given.put(flag.target(), value);
      case GATED -> switchedGates.put(Gate.of(flag.target()), (Boolean) value);
      case IGNORED -> {} // that is all there is to it
    }
  }

  /** Sets a flag to a value of its kind. */
  void put(String name, Object value) {
    given.put(row(name).name(), value);
  }

  boolean isGiven(String name) {
    return given.containsKey(row(name).name());
  }

  boolean bool(String name) {
    return (boolean) value(name);
  }

  long number(String name) {
    return (long) value(name);
  }

  /** A number where no more than an int can mean anything. */
  int smallNumber(String name) {
    return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, number(name)));
  }

  Duration duration(String name) {
    return (Duration) value(name);
  }

  String text(String name) {
    return (String) value(name);
  }

  List<String> words(String name) {
    return list(name, String.class);
  }

  List<EtcdUrl> urls(String name) {
    return list(name, EtcdUrl.class);
  }

  private <T> List<T> list(String name, Class<T> type) {
    return ((List<?>) value(name)).stream().map(type::cast).toList();
  }

  /** The gates as {@code --feature-gates} says; old switches count where it is silent. */
  FeatureGates gates() {
    try {
      FeatureGates gates = FeatureGates.parse(text("feature-gates"));
      for (Map.Entry<Gate, Boolean> one : switchedGates.entrySet()) {
        if (!text("feature-gates").contains(one.getKey() + "=")) {
          gates = gates.with(one.getKey(), one.getValue());
        }
      }
      return gates;
    } catch (BadValue impossible) {
      throw new IllegalStateException(impossible); // it was read once already
    }
  }

  private Object value(String name) {
    @Nullable Object value = given.get(name);
    if (value != null) {
      return value;
    }
    try {
      return row(name).parse(row(name).initial());
    } catch (BadValue bug) {
      throw new IllegalStateException("the default of --" + name, bug);
    }
  }

  private static Flag row(String name) {
    Flag flag = Flags.ALL.get(name);
    if (flag == null) {
      throw new IllegalArgumentException("no flag --" + name);
    }
    return flag;
  }
}
