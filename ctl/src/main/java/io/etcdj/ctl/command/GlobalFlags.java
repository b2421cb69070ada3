package io.etcdj.ctl.command;

import io.etcdj.ctl.cli.Flag;

/** The flags that every command of etcdctl takes, and that ETCDCTL_… variables may set. */
public final class GlobalFlags {
  private static final Flag[] ALL = {
    Flag.string("auth-jwt-token", "JWT token to authenticate with, in place of --user"),
    Flag.string("cacert", "CA bundle to verify the servers' certificates with"),
    Flag.string("cert", "certificate file to identify this client with"),
    Flag.duration("command-timeout", "5s", "how long a command may take, dialing excluded"),
    Flag.bool("debug", "log what the client does"),
    Flag.duration("dial-timeout", "2s", "how long connecting to an endpoint may take"),
    Flag.string("discovery-srv", "domain whose SRV records name the endpoints").withShorthand('d'),
    Flag.string("discovery-srv-name", "service name to look for in the SRV records"),
    Flag.strings("endpoints", "127.0.0.1:2379", "gRPC endpoints"),
    Flag.bool("hex", "print keys and values as hex escapes"),
    Flag.bool("insecure-discovery", "accept SRV records of endpoints without TLS")
        .withInitial("true"),
    Flag.bool("insecure-skip-tls-verify", "accept any server certificate (only for tests)"),
    Flag.bool("insecure-transport", "no TLS unless an endpoint or a certificate asks for it")
        .withInitial("true"),
    Flag.duration("keepalive-time", "2s", "silence after which the connection is probed"),
    Flag.duration("keepalive-timeout", "6s", "how long the answer to a probe may take"),
    Flag.string("key", "key file that belongs to --cert"),
    Flag.number("max-recv-bytes", "largest answer to accept in bytes (0 for the default)"),
    Flag.number("max-request-bytes", "largest request to send in bytes (0 for the default)"),
    Flag.string("password", "password of --user, which then holds only the name"),
    Flag.string("user", "username[:password]; asks for the password if it is missing"),
    Flag.string("write-out", "output format (fields, json, protobuf, simple, table)")
        .withInitial("simple")
        .withShorthand('w'),
  };

  private GlobalFlags() {}

  /** All of them, in alphabetical order, which is the order of {@code --debug}'s listing. */
  public static Flag[] all() {
    return ALL.clone();
  }
}
