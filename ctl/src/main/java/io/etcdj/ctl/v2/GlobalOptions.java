package io.etcdj.ctl.v2;

/** The options before the command. */
final class GlobalOptions {
  static final Option HELP = Option.onOff("show help", "help", "h");
  static final Option VERSION = Option.onOff("print the version", "version", "v");

  private static final String DEPRECATED = "DEPRECATED - \"--endpoints\" should be used instead";

  static final Option[] ALL = {
    Option.onOff("output cURL commands which can be used to reproduce the request", "debug"),
    Option.onOff("don't synchronize cluster information before sending request", "no-sync"),
    Option.text("output response in the given format (simple, `extended` or `json`)", "output", "o")
        .withInitial("simple")
        .withSample("simple"),
    Option.text(
        "domain name to query for SRV records describing cluster endpoints", "discovery-srv", "D"),
    Option.onOff("accept insecure SRV records describing cluster endpoints", "insecure-discovery"),
    Option.text(DEPRECATED, "peers", "C"),
    Option.text(DEPRECATED, "endpoint"),
    Option.text(
        "a comma-delimited list of machine addresses in the cluster (default:"
            + " \"http://127.0.0.1:2379,http://127.0.0.1:4001\")",
        "endpoints"),
    Option.text("identify HTTPS client using this SSL certificate file", "cert-file"),
    Option.text("identify HTTPS client using this SSL key file", "key-file"),
    Option.text("verify certificates of HTTPS-enabled servers using this CA bundle", "ca-file"),
    Option.text(
        "provide username[:password] and prompt if password is not supplied.", "username", "u"),
    Option.duration("2s", "connection timeout per request", "timeout"),
    Option.duration("5s", "timeout for the command execution (except watch)", "total-timeout"),
    HELP,
    VERSION,
  };

  private GlobalOptions() {}
}
