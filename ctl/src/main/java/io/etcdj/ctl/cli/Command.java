package io.etcdj.ctl.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One command of a program: its words, its flags and what it does.
 *
 * <p>A group of commands is a command too, one that does nothing but list its children: it names
 * them in {@link #children} and makes the wanted one in {@link #child}, so that starting one
 * command does not load the others.
 */
public abstract class Command {
  protected static final Flag[] NO_FLAGS = {};

  private final String use;
  private final String about;

  /**
   * @param use the name and a sketch of the arguments: {@code get [options] <key> [range_end]}
   * @param about one line for listings
   */
  protected Command(String use, String about) {
    this.use = use;
    this.about = about;
  }

  public final String use() {
    return use;
  }

  public final String name() {
    int blank = use.indexOf(' ');
    return blank < 0 ? use : use.substring(0, blank);
  }

  public final String about() {
    return about;
  }

  /** The help page's opening, where one line does not say it all. */
  public String description() {
    return about;
  }

  public List<String> aliases() {
    return List.of();
  }

  public Flag[] flags() {
    return NO_FLAGS;
  }

  /** Names of flags without which the command does not start. */
  public List<String> requiredFlags() {
    return List.of();
  }

  /** The names of a group's children, in the order in which they are suggested. */
  public List<String> children() {
    return List.of();
  }

  /** Makes a child by its full name or an alias of it, or returns null. */
  public @Nullable Command child(String name) {
    return null;
  }

  /** The heading under which the root's listing shows this command, or null. */
  public @Nullable String groupOf(String childName) {
    return null;
  }

  /** Whether the command does something itself. */
  public final boolean runnable() {
    return children().isEmpty();
  }

  /**
   * Does the command's work.
   *
   * @return the exit code
   * @throws Failure to end with an error
   */
  public int run(Flags flags, Environment environment) {
    throw new IllegalStateException(name() + " only groups other commands");
  }
}
