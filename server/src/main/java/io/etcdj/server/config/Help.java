package io.etcdj.server.config;

/** The texts of {@code --help}, made from the table of flags. */
final class Help {
  private Help() {}

  /** Follows every complaint about a flag. */
  static String usage() {
    return """
    Usage:

      etcd [flags]
        Run a member.

      etcd --version
        Print the version.

      etcd -h | --help
        Print all flags.

      etcd --config-file
        Read all settings from this YAML or JSON file, and ignore flags and environment.

      etcd gateway
        Forward TCP connections to the members. Not in this release.

      etcd grpc-proxy
        Forward gRPC calls to the members. Not in this release.

    """;
  }

  static String flags() {
    StringBuilder out = new StringBuilder();
    for (Flag.Group group : Flag.Group.values()) {
      out.append('\n').append(group.title).append(":\n");
      for (Flag flag : Flags.ALL.values()) {
        if (flag.group() == group) {
          out.append("  --").append(flag.name()).append(" '").append(shown(flag)).append("'\n");
          out.append("    ").append(flag.help()).append('\n');
        }
      }
    }
    return out.toString();
  }

  private static String shown(Flag flag) {
    return switch (flag.name()) {
      case "data-dir" -> "${name}.etcd";
      case "initial-cluster" -> Validation.DEFAULT_CLUSTER;
      default -> flag.initial();
    };
  }
}
