package io.etcdj.ctl.cli;

import io.etcdj.ctl.text.GoDuration;
import io.etcdj.ctl.text.GoNumber;
import io.etcdj.ctl.text.GoStrings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A parsed command line: flag values and the arguments that are left.
 *
 * <p>pflag's rules: flags and arguments may mix, {@code --} ends the flags, a bool takes its value
 * only after {@code =}, shorthands may be bundled, a list may be given twice or with commas.
 */
public final class Flags {
  private final Flag[] own;
  private final Flag[] inherited;
  private final Map<String, String> values = new HashMap<>();
  private final List<String> arguments = new ArrayList<>();
  private int dashArgument = -1;

  private Flags(Flag[] own, Flag[] inherited) {
    this.own = own;
    this.inherited = inherited;
  }

  /**
   * Parses {@code args} against a command's flags and those it inherits.
   *
   * @throws IllegalArgumentException with pflag's words
   */
  public static Flags parse(Flag[] own, Flag[] inherited, List<String> args) {
    Flags flags = new Flags(own, inherited);
    int i = 0;
    while (i < args.size()) {
      String arg = args.get(i++);
      if (arg.equals("--")) {
        flags.dashArgument = flags.arguments.size();
        flags.arguments.addAll(args.subList(i, args.size()));
        break;
      } else if (arg.startsWith("--")) {
        i = flags.parseLong(arg, args, i);
      } else if (arg.startsWith("-") && arg.length() > 1) {
        i = flags.parseShort(arg, args, i);
      } else {
        flags.arguments.add(arg);
      }
    }
    return flags;
  }

  private int parseLong(String arg, List<String> args, int next) {
    String name = arg.substring(2);
    int equals = name.indexOf('=');
    if (equals == 0 || name.startsWith("-")) {
      throw new IllegalArgumentException("bad flag syntax: " + arg);
    }
    String value = null;
    if (equals > 0) {
      value = name.substring(equals + 1);
      name = name.substring(0, equals);
    }
    Flag flag = find(name);
    if (flag == null) {
      throw new IllegalArgumentException("unknown flag: --" + name);
    }
    if (value != null) {
      set(flag, value);
    } else if (flag.kind() == Flag.Kind.BOOL) {
      set(flag, "true");
    } else if (next < args.size()) {
      set(flag, args.get(next));
      return next + 1;
    } else {
      throw new IllegalArgumentException("flag needs an argument: " + arg);
    }
    return next;
  }

  private int parseShort(String arg, List<String> args, int next) {
    String letters = arg.substring(1);
    while (!letters.isEmpty()) {
      char letter = letters.charAt(0);
      Flag flag = find(letter);
      if (flag == null) {
        throw new IllegalArgumentException(
            "unknown shorthand flag: '" + letter + "' in -" + letters);
      }
      if (letters.length() > 2 && letters.charAt(1) == '=') {
        set(flag, letters.substring(2));
        return next;
      }
      if (flag.kind() == Flag.Kind.BOOL) {
        set(flag, "true");
        letters = letters.substring(1);
        continue;
      }
      if (letters.length() > 1) {
        set(flag, letters.substring(1));
        return next;
      }
      if (next == args.size()) {
        throw new IllegalArgumentException(
            "flag needs an argument: '" + letter + "' in -" + letters);
      }
      set(flag, args.get(next));
      return next + 1;
    }
    return next;
  }

  /**
   * Gives a flag a value from elsewhere, such as the environment.
   *
   * @throws IllegalArgumentException with pflag's words
   */
  public void set(Flag flag, String value) {
    try {
      flag.check(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "invalid argument "
              + GoStrings.quote(value)
              + " for \""
              + flag.spelled()
              + "\" flag: "
              + e.getMessage(),
          e);
    }
    String earlier = flag.kind() == Flag.Kind.STRINGS ? values.get(flag.name()) : null;
    values.put(flag.name(), earlier == null ? value : earlier + "," + value);
  }

  private @Nullable Flag find(String name) {
    for (Flag flag : own) {
      if (flag.name().equals(name)) {
        return flag;
      }
    }
    for (Flag flag : inherited) {
      if (flag.name().equals(name)) {
        return flag;
      }
    }
    return name.equals(Help.FLAG.name()) ? Help.FLAG : null;
  }

  private @Nullable Flag find(char shorthand) {
    for (Flag flag : own) {
      if (flag.shorthand() == shorthand) {
        return flag;
      }
    }
    for (Flag flag : inherited) {
      if (flag.shorthand() == shorthand) {
        return flag;
      }
    }
    return shorthand == Help.FLAG.shorthand() ? Help.FLAG : null;
  }

  public List<String> arguments() {
    return arguments;
  }

  /** How many arguments stood before {@code --}, or -1 if there was none. */
  public int dashArgument() {
    return dashArgument;
  }

  public Flag[] inherited() {
    return inherited;
  }

  /** Whether the flag was given, rather than left at its initial value. */
  public boolean given(String name) {
    return values.containsKey(name);
  }

  public String string(String name) {
    String value = values.get(name);
    if (value != null) {
      return value;
    }
    Flag flag = find(name);
    if (flag == null) {
      throw new IllegalArgumentException("no such flag: " + name);
    }
    return flag.initial();
  }

  public boolean bool(String name) {
    return GoNumber.parseBool(string(name));
  }

  public long number(String name) {
    return GoNumber.parseInt(string(name), 0);
  }

  public long nanos(String name) {
    return GoDuration.parse(string(name));
  }

  public long millis(String name) {
    return nanos(name) / 1_000_000;
  }

  /** A list flag's items; an empty value is an empty list. */
  public List<String> strings(String name) {
    List<String> items = new ArrayList<>();
    String value = string(name);
    int start = 0;
    while (!value.isEmpty()) {
      int comma = value.indexOf(',', start);
      if (comma < 0) {
        items.add(value.substring(start));
        break;
      }
      items.add(value.substring(start, comma));
      start = comma + 1;
    }
    return items;
  }
}
