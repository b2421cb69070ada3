package io.etcdj.ctl.v2;

import io.etcdj.ctl.text.GoDuration;
import io.etcdj.ctl.text.GoNumber;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parsed options and the arguments behind them, by the rules of Go's flag package: one dash or two
 * make no difference, a switch takes a value only after {@code =}, and the first argument ends the
 * options.
 */
final class Options {
  private final Option[] known;
  private final Map<String, List<String>> values = new HashMap<>();
  private final List<String> arguments = new ArrayList<>();

  private Options(Option[] known) {
    this.known = known;
  }

  /**
   * Parses the words before a command.
   *
   * @throws IllegalArgumentException with the words of Go's flag package
   */
  static Options parse(Option[] known, List<String> words) {
    Options options = new Options(known);
    int i = 0;
    while (i < words.size()) {
      String word = words.get(i);
      if (word.length() < 2 || word.charAt(0) != '-') {
        break;
      }
      i++;
      if (word.equals("--")) {
        break;
      }
      i = options.option(word, words, i);
    }
    options.arguments.addAll(words.subList(i, words.size()));
    return options;
  }

  /**
   * Parses the words behind a command, where options may also follow arguments.
   *
   * <p>etcdctl moves them to the front first, each with the word behind it, which may be its value.
   * For a switch it is not, hence what else follows is not parsed any more: that is how etcdctl has
   * always read {@code ls --sort / --recursive}.
   */
  static Options parseMixed(Option[] known, List<String> words) {
    List<String> front = new ArrayList<>();
    List<String> back = new ArrayList<>();
    boolean mayBeValue = false;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      boolean isOption = find(known, nameIn(word)) != null;
      if (mayBeValue && !isOption) {
        mayBeValue = false;
        front.add(word);
      } else if (word.equals("--")) {
        front.add(word);
        back.addAll(words.subList(i + 1, words.size()));
        break;
      } else if (isOption) {
        front.add(word);
        mayBeValue = word.indexOf('=') < 0;
      } else {
        back.add(word);
      }
    }
    front.addAll(back);
    return parse(known, front);
  }

  /** The option name that a word would be, or the empty string. */
  private static String nameIn(String word) {
    if (word.length() < 2 || word.charAt(0) != '-') {
      return "";
    }
    String name = word.substring(word.charAt(1) == '-' ? 2 : 1);
    int equals = name.indexOf('=');
    return equals < 0 ? name : name.substring(0, equals);
  }

  private int option(String word, List<String> words, int next) {
    String name = word.substring(word.charAt(1) == '-' ? 2 : 1);
    if (name.isEmpty() || name.charAt(0) == '-' || name.charAt(0) == '=') {
      throw new IllegalArgumentException("bad flag syntax: " + word);
    }
    String value = null;
    int equals = name.indexOf('=');
    if (equals > 0) {
      value = name.substring(equals + 1);
      name = name.substring(0, equals);
    }
    Option option = find(known, name);
    if (option == null) {
      throw new IllegalArgumentException("flag provided but not defined: -" + name);
    }
    int following = next;
    if (value == null) {
      if (option.kind() == Option.Kind.SWITCH) {
        value = "true";
      } else if (next < words.size()) {
        value = words.get(next);
        following = next + 1;
      } else {
        throw new IllegalArgumentException("flag needs an argument: -" + name);
      }
    }
    option.check(name, value);
    values.computeIfAbsent(option.name(), unused -> new ArrayList<>()).add(value);
    return following;
  }

  private static @Nullable Option find(Option[] known, String name) {
    for (Option option : known) {
      if (option.names().contains(name)) {
        return option;
      }
    }
    return null;
  }

  List<String> arguments() {
    return arguments;
  }

  /** All values of an option that may be given again and again, in order. */
  List<String> texts(String name) {
    return values.getOrDefault(name, List.of());
  }

  /** The value given last, or else the initial one. */
  String text(String name) {
    List<String> given = texts(name);
    if (!given.isEmpty()) {
      return given.get(given.size() - 1);
    }
    Option option = find(known, name);
    if (option == null) {
      throw new IllegalArgumentException("no such option: " + name);
    }
    return option.initial();
  }

  boolean on(String name) {
    return GoNumber.parseBool(text(name));
  }

  long number(String name) {
    return GoNumber.parseInt(text(name), 0);
  }

  long nanos(String name) {
    return GoDuration.parse(text(name));
  }
}
