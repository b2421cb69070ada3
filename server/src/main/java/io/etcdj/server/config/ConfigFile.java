package io.etcdj.server.config;

import io.etcdj.server.text.EtcdUrl;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.scanner.ScannerException;

/**
 * A file with all settings, as YAML or its subset JSON.
 *
 * <p>Keys are the names of the flags, except where {@link #SECTIONS} says otherwise; unknown keys
 * are ignored, as etcd does. Durations are nanoseconds, or text such as {@code 5s}.
 */
final class ConfigFile {
  /** Flags that live in a section of their own, by flag: section and key. */
  private static final Map<String, String> SECTIONS = sections();

  /** Flags that etcd reads from the command line and the environment only. */
  private static final Set<String> NOT_IN_FILES =
      Set.of("config-file", "version", "raft-read-timeout", "raft-write-timeout");

  private static final Pattern EXPECTED = Pattern.compile("expected (.*?), but (?:got|found) .*");

  private ConfigFile() {}

  /** A URL that cannot be read: etcd then stops without its log. */
  static final class BadUrl extends Exception {
    private static final long serialVersionUID = 1;

    BadUrl(String message) {
      super(message);
    }
  }

  private static Map<String, String> sections() {
    Map<String, String> sections = new LinkedHashMap<>();
    for (String key :
        List.of(
            "cert-file",
            "key-file",
            "client-cert-file",
            "client-key-file",
            "client-cert-auth",
            "trusted-ca-file",
            "auto-tls")) {
      sections.put(key, "client-transport-security/" + key);
      sections.put("peer-" + key, "peer-transport-security/" + key);
    }
    sections.put("client-cert-allowed-hostname", "client-transport-security/allowed-hostname");
    sections.put("peer-client-cert-auth", "peer-transport-security/client-cert-auth");
    sections.put("peer-cert-allowed-cn", "peer-transport-security/allowed-cn");
    sections.put("peer-cert-allowed-hostname", "peer-transport-security/allowed-hostname");
    sections.put(
        "peer-skip-client-san-verification",
        "peer-transport-security/skip-client-san-verification");
    sections.put("socket-reuse-port", "socket-options/reuse-port");
    sections.put("socket-reuse-address", "socket-options/reuse-address");
    String discovery = "discovery-config/";
    sections.put("discovery-token", discovery + "token");
    for (String key :
        List.of(
            "endpoints",
            "dial-timeout",
            "request-timeout",
            "keepalive-time",
            "keepalive-timeout")) {
      sections.put("discovery-" + key, discovery + "client/" + key);
    }
    for (String key : List.of("cert", "key", "cacert", "insecure-transport")) {
      sections.put("discovery-" + key, discovery + "client/secure/" + key);
    }
    sections.put(
        "discovery-insecure-skip-tls-verify", discovery + "client/secure/insecure-skip-verify");
    sections.put("discovery-user", discovery + "client/auth/username");
    sections.put("discovery-password", discovery + "client/auth/password");
    return Map.copyOf(sections);
  }

  /** Reads the file; flags that it does not name keep their defaults. */
  static Settings read(String file) throws BadConfig, BadUrl {
    Map<?, ?> root = load(file);
    refuseClientNames(root);
    Settings settings = new Settings();
    for (Flag flag : Flags.ALL.values()) {
      if (flag.standing() == Flag.Standing.IGNORED || NOT_IN_FILES.contains(flag.name())) {
        continue;
      }
      @Nullable Object value = find(root, SECTIONS.getOrDefault(flag.name(), flag.name()));
      if (value != null) {
        set(settings, flag, value);
      }
    }
    settle(settings);
    return settings;
  }

  /** No flag has them, so nobody would heed them, and clients with other names would be let in. */
  private static void refuseClientNames(Map<?, ?> root) throws BadConfig {
    @Nullable Object names = find(root, "client-transport-security/allowed-cn");
    if (names != null && !names.equals("") && !names.equals(List.of())) {
      throw new BadConfig(
          "client-transport-security: allowed-cn: " + names + " is not supported for clients");
    }
  }

  /** A file may leave out anything; only a way to find a cluster excludes the default cluster. */
  private static void settle(Settings settings) {
    boolean discovers =
        !settings.text("discovery").isEmpty()
            || !settings.text("discovery-srv").isEmpty()
            || !settings.words("discovery-endpoints").isEmpty();
    if (settings.text("initial-cluster").isEmpty() && !discovers) {
      settings.put("initial-cluster", Validation.DEFAULT_CLUSTER);
    }
    for (String urls :
        List.of(
            "listen-peer-urls",
            "listen-client-urls",
            "initial-advertise-peer-urls",
            "advertise-client-urls")) {
      if (settings.urls(urls).isEmpty()) {
        Flag flag = Flags.ALL.get(urls);
        settings.put(urls, EtcdUrl.parseList(flag == null ? "" : flag.initial()));
      }
    }
  }

  // ---- One value

  private static @Nullable Object find(Map<?, ?> root, String path) {
    @Nullable Object at = root;
    for (String key : path.split("/", -1)) {
      at = at instanceof Map<?, ?> map ? map.get(key) : null;
    }
    return at;
  }

  private static void set(Settings settings, Flag flag, Object value) throws BadConfig, BadUrl {
    if (flag.name().equals("initial-cluster-state") && !flag.choices().contains(value)) {
      throw new BadConfig("unexpected clusterState \"" + value + "\"");
    }
    String text = text(flag, value);
    if (text.isEmpty() && flag.kind() != Kind.STRING) {
      return; // an empty text sets nothing
    }
    try {
      settings.set(flag, text);
    } catch (BadValue invalid) {
      if (flag.kind() == Kind.URLS) {
        throw new BadUrl(
            "unexpected error setting up " + flag.name() + ": " + invalid.getMessage());
      }
      throw mismatch(flag, value);
    }
  }

  /** The text that would set the flag on a command line. */
  private static String text(Flag flag, Object value) throws BadConfig {
    if (value instanceof Map<?, ?>) {
      throw mismatch(flag, value);
    }
    if (value instanceof List<?> list) {
      if (flag.kind() != Kind.WORDS) {
        throw mismatch(flag, value);
      }
      return String.join(",", list.stream().map(String::valueOf).toList());
    }
    return switch (flag.kind()) {
      case DURATION ->
          value instanceof Number nanos
              ? Duration.ofNanos(nanos.longValue()).toNanos() + "ns"
              : value.toString();
      case BOOL, UINT, UINT32, UINT64, INT, INT64 -> {
        if (value instanceof String) {
          throw mismatch(flag, value);
        }
        yield value.toString();
      }
      case STRING, WORDS, URLS, ORIGINS, CHOICE, GATES -> value.toString();
    };
  }

  private static BadConfig mismatch(Flag flag, Object value) {
    String found = value instanceof Map ? "object" : value instanceof List ? "array" : "string";
    return new BadConfig(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
            + found
            + " into Go struct field configYAML."
            + flag.name()
            + " of type "
            + goType(flag.kind()));
  }

  private static String goType(Kind kind) {
    return switch (kind) {
      case BOOL -> "bool";
      case UINT -> "uint";
      case UINT32 -> "uint32";
      case UINT64 -> "uint64";
      case INT -> "int";
      case INT64 -> "int64";
      case DURATION -> "time.Duration";
      case STRING, WORDS, URLS, ORIGINS, CHOICE, GATES -> "string";
    };
  }

  // ---- The file

  private static Map<?, ?> load(String file) throws BadConfig {
    String text;
    try {
      text = Files.readString(Path.of(file));
    } catch (NoSuchFileException missing) {
      throw new BadConfig("open " + file + ": no such file or directory");
    } catch (AccessDeniedException denied) {
      throw new BadConfig("open " + file + ": permission denied");
    } catch (IOException unreadable) {
      throw new BadConfig("read " + file + ": " + unreadable.getMessage());
    }
    Object root;
    try {
      root = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
    } catch (YAMLException invalid) {
      throw new BadConfig("error converting YAML to JSON: yaml: " + goWords(invalid));
    }
    if (root == null) {
      return Map.of();
    }
    if (root instanceof Map<?, ?> map) {
      return map;
    }
    throw new BadConfig(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value"
            + " of type embed.configYAML");
  }

  /** Both parsers descend from libyaml, so that only the wording of a complaint differs. */
  private static String goWords(YAMLException invalid) {
    if (!(invalid instanceof MarkedYAMLException marked)) {
      return String.valueOf(invalid.getMessage());
    }
    String problem = String.valueOf(marked.getProblem());
    Matcher expected = EXPECTED.matcher(problem);
    if (expected.matches()) {
      problem = "did not find expected " + expected.group(1);
    }
    int line = line(marked.getContextMark());
    if (line == 0) {
      line = line(marked.getProblemMark());
    }
    if (line > 0 && invalid instanceof ScannerException) {
      line++;
    }
    return line == 0 ? problem : "line " + line + ": " + problem;
  }

  private static int line(@Nullable Mark mark) {
    return mark == null ? 0 : mark.getLine();
  }
}
