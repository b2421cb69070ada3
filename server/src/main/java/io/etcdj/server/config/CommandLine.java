package io.etcdj.server.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcdj.server.config.Flag.Standing;
import io.etcdj.server.log.Entry;
import io.etcdj.server.log.Level;
import io.etcdj.server.log.LineEncoder;
import io.etcdj.server.log.LogFormat;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The command line of {@code etcd}, with the environment and the file that it may name.
 *
 * <pre>
 *   --config-file given   the file alone
 *   otherwise             flags, then ETCD_* variables, then defaults; both for one flag is fatal
 * </pre>
 */
public final class CommandLine {
  private static final int FAILED = 1;
  private static final int MISUSED = 2;
  private static final String PREFIX = "ETCD_";
  private static final String VERSION_VARIABLE = "ETCD_VERSION";

  /** Read by the launcher or by test suites, not by us. */
  private static final Set<String> TOLERATED =
      Set.of("ETCD_JAVA_OPTS", "ETCD_CLI_JAVA_OPTS", "ETCD_UNSUPPORTED_ARCH", "ETCD_VERIFY");

  private static final Set<String> OTHER_MODES = Set.of("gateway", "grpc-proxy");

  private final List<String> args;
  private final Map<String, String> environment;
  private final Supplier<Optional<String>> defaultHost;
  private final Clock clock;
  private final Settings settings = new Settings();
  private final Set<String> givenNames = new HashSet<>();
  private final List<Entry> notices = new ArrayList<>();

  private CommandLine(
      List<String> args,
      Map<String, String> environment,
      Supplier<Optional<String>> defaultHost,
      Clock clock) {
    this.args = args;
    this.environment = new TreeMap<>(environment);
    this.defaultHost = defaultHost;
    this.clock = clock;
  }

  /**
   * Reads what was asked for. Log files are opened for a moment to see whether they can be.
   *
   * @param defaultHost this machine's address on its default route, to advertise when listening on
   *     all addresses
   * @param clock stamps the log lines of an exit
   */
  public static Parsed parse(
      List<String> args,
      Map<String, String> environment,
      Supplier<Optional<String>> defaultHost,
      Clock clock) {
    return new CommandLine(args, environment, defaultHost, clock).parse();
  }

  private Parsed parse() {
    if (!args.isEmpty() && OTHER_MODES.contains(args.get(0))) {
      return new Parsed.Exit(
          FAILED, "", "etcd " + args.get(0) + " is not available in this release\n");
    }
    try {
      readFlags();
    } catch (Misuse misuse) {
      return misuse.exit;
    }
    if (settings.bool("version")) {
      return new Parsed.Exit(0, Version.text(), "");
    }
    return load();
  }

  // ---- The words on the command line

  /** Thrown to leave the reading of words with an answer. */
  private static final class Misuse extends Exception {
    private static final long serialVersionUID = 1;
    final transient Parsed.Exit exit;

    Misuse(Parsed.Exit exit) {
      this.exit = exit;
    }

    static Misuse of(String complaint) {
      return new Misuse(new Parsed.Exit(MISUSED, "", complaint + "\n" + Help.usage()));
    }
  }

  private void readFlags() throws Misuse {
    int at = 0;
    while (at < args.size()) {
      String word = args.get(at);
      if (word.length() < 2 || word.charAt(0) != '-') {
        break;
      }
      at++;
      if (word.equals("--")) {
        break;
      }
      String body = word.substring(word.startsWith("--") ? 2 : 1);
      if (body.isEmpty() || body.startsWith("-") || body.startsWith("=")) {
        throw Misuse.of("bad flag syntax: " + word);
      }
      int equals = body.indexOf('=');
      String name = equals < 0 ? body : body.substring(0, equals);
      Flag flag = Flags.ALL.get(name);
      if (flag == null) {
        throw unknown(name);
      }
      if (equals >= 0) {
        set(flag, body.substring(equals + 1));
      } else if (flag.kind() == Kind.BOOL) {
        set(flag, "true");
      } else if (at < args.size()) {
        set(flag, args.get(at++));
      } else {
        throw Misuse.of("flag needs an argument: -" + name);
      }
    }
    if (at < args.size()) {
      throw new Misuse(unverified("\"" + args.get(at) + "\" is not a valid flag"));
    }
  }

  private static Misuse unknown(String name) {
    return name.equals("help") || name.equals("h")
        ? new Misuse(new Parsed.Exit(0, Help.flags(), Help.usage()))
        : Misuse.of("flag provided but not defined: -" + name);
  }

  private void set(Flag flag, String text) throws Misuse {
    try {
      if (flag.standing() != Standing.IGNORED) {
        settings.set(flag, text);
      }
      givenNames.add(flag.name());
      noteStanding(flag);
    } catch (BadValue invalid) {
      String what = flag.kind() == Kind.BOOL ? "invalid boolean value" : "invalid value";
      String link = flag.kind() == Kind.BOOL ? "for" : "for flag";
      throw Misuse.of(
          "%s \"%s\" %s -%s: %s".formatted(what, text, link, flag.name(), invalid.getMessage()));
    }
  }

  private void noteStanding(Flag flag) {
    switch (flag.standing()) {
      case CURRENT -> {}
      case RENAMED ->
          notices.add(Entry.warn("flag is deprecated", "flag", flag.name(), "use", flag.target()));
      case GATED ->
          notices.add(
              Entry.warn(
                  "flag is deprecated",
                  "flag",
                  flag.name(),
                  "use",
                  "feature-gates=" + flag.target() + "=true"));
      case IGNORED ->
          notices.add(Entry.warn("ignoring flag that is no longer supported", "flag", flag.name()));
    }
  }

  // ---- The other sources

  private Parsed load() {
    String file = settings.text("config-file");
    if (file.isEmpty()) {
      file = environment.getOrDefault("ETCD_CONFIG_FILE", "");
    }
    Settings effective;
    try {
      if (file.isEmpty()) {
        Optional<Parsed.Exit> conflict = readEnvironment();
        if (conflict.isPresent()) {
          return conflict.get();
        }
        settleFlags();
        effective = settings;
      } else {
        notices.clear();
        notices.add(
            Entry.info(
                "loaded server configuration, other configuration command line flags and"
                    + " environment variables will be ignored if provided",
                "path",
                file));
        effective = ConfigFile.read(file);
      }
      return run(effective);
    } catch (BadConfig invalid) {
      return unverified(String.valueOf(invalid.getMessage()));
    } catch (ConfigFile.BadUrl invalid) {
      return new Parsed.Exit(FAILED, "", invalid.getMessage() + "\n");
    }
  }

  private Optional<Parsed.Exit> readEnvironment() throws BadConfig {
    String version = environment.remove(VERSION_VARIABLE);
    if (version != null && !version.isEmpty()) {
      notices.add(
          Entry.warn(
              "cannot set special environment variable",
              "key",
              VERSION_VARIABLE,
              "value",
              version));
    }
    Map<String, Flag> unused = new HashMap<>();
    for (Flag flag : Flags.ALL.values()) {
      String variable = flag.variable();
      String text = environment.getOrDefault(variable, "");
      if (givenNames.contains(flag.name())) {
        unused.put(variable, flag);
      } else if (!text.isEmpty()) {
        set(flag, variable, text);
      }
    }
    for (String variable : environment.keySet()) {
      if (unused.containsKey(variable)) {
        return Optional.of(conflict(variable));
      }
      boolean known = Flags.ALL.values().stream().anyMatch(f -> f.variable().equals(variable));
      if (variable.startsWith(PREFIX) && !known && !TOLERATED.contains(variable)) {
        notices.add(
            Entry.warn("unrecognized environment variable", "environment-variable", variable));
      }
    }
    return Optional.empty();
  }

  private void set(Flag flag, String variable, String text) throws BadConfig {
    try {
      if (flag.standing() != Standing.IGNORED) {
        settings.set(flag, text);
      }
    } catch (BadValue invalid) {
      throw new BadConfig(
          "invalid value \"%s\" for %s: %s".formatted(text, variable, invalid.getMessage()));
    }
    notices.add(
        Entry.info(
            "recognized and used environment variable",
            "variable-name",
            variable,
            "variable-value",
            text));
  }

  /** What a flag's absence means where that depends on other flags. */
  private void settleFlags() {
    boolean discovers =
        !settings.text("discovery").isEmpty()
            || !settings.text("discovery-srv").isEmpty()
            || !settings.words("discovery-endpoints").isEmpty();
    if (!settings.isGiven("initial-cluster") && !discovers) {
      settings.put("initial-cluster", Validation.DEFAULT_CLUSTER);
    }
    boolean proxies = !settings.text("proxy").equals("off");
    if (settings.isGiven("listen-client-urls")
        && !settings.isGiven("advertise-client-urls")
        && !proxies) {
      settings.put("advertise-client-urls", List.of());
    }
  }

  private Parsed run(Settings effective) throws BadConfig {
    String level = effective.bool("debug") ? "debug" : effective.text("log-level");
    if (Level.of(level).isEmpty()) {
      return new Parsed.Exit(MISUSED, "", "panic: unrecognized level: \"" + level + "\"\n");
    }
    try {
      Validation validation = new Validation(effective, notices);
      validation.check();
      Config config = Config.of(effective, defaultHost, notices);
      return new Parsed.Run(config, notices);
    } catch (LateFailure late) {
      String text = String.valueOf(late.getMessage());
      return exit(Entry.fatal("discovery failed", "error", text));
    }
  }

  // ---- Answers

  private Parsed.Exit unverified(String complaint) {
    List<Entry> lines = new ArrayList<>(notices);
    lines.add(Entry.warn("failed to verify flags", "error", complaint));
    if (complaint.equals(Validation.NOTHING_ADVERTISED)) {
      lines.add(Entry.warn("advertise client URLs are not set", "error", complaint));
    }
    return exit(lines.toArray(Entry[]::new));
  }

  private Parsed.Exit conflict(String variable) {
    return exit(
        Entry.fatal(
            "conflicting environment variable is shadowed by corresponding command-line flag"
                + " (either unset environment variable or disable flag))",
            "environment-variable",
            variable));
  }

  private Parsed.Exit exit(Entry... lines) {
    LineEncoder encoder = new LineEncoder(LogFormat.JSON, clock.getZone());
    StringBuilder stderr = new StringBuilder();
    for (Entry line : lines) {
      stderr.append(new String(encoder.encode(line, clock.instant()), UTF_8));
    }
    return new Parsed.Exit(FAILED, "", stderr.toString());
  }
}
