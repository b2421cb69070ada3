package io.etcdj.state.membership;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A release of etcd as far as members must agree on it: {@code 3.7}.
 *
 * <p>Written as {@code 3.7.0}; patch releases do not count.
 */
public record ServerVersion(int major, int minor) implements Comparable<ServerVersion> {
  /** What a cluster speaks that does not know all its members yet. */
  public static final ServerVersion OLDEST = new ServerVersion(3, 0);

  private static final Pattern TEXT = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(\\..*)?");

  /** Reads {@code 3.7}, {@code 3.7.1} or {@code 3.7.0-rc.1}; null for anything else. */
  public static @Nullable ServerVersion parse(@Nullable String text) {
    Matcher matcher = TEXT.matcher(text == null ? "" : text);
    return matcher.matches()
        ? new ServerVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)))
        : null;
  }

  /** The release before this one, the only one that a cluster can be taken back to. */
  public ServerVersion previous() {
    return new ServerVersion(major, minor - 1);
  }

  public boolean isAtLeast(int otherMajor, int otherMinor) {
    return compareTo(new ServerVersion(otherMajor, otherMinor)) >= 0;
  }

  @Override
  public int compareTo(ServerVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  /** As in {@code 3.7}. */
  public String release() {
    return major + "." + minor;
  }

  @Override
  public String toString() {
    return release() + ".0";
  }
}
