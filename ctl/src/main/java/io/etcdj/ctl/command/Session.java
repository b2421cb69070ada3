package io.etcdj.ctl.command;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.AuthenticateRequest;
import io.etcdj.api.etcdserverpb.AuthenticateResponse;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.print.Format;
import io.etcdj.ctl.print.Printer;
import io.etcdj.ctl.rpc.Channel;
import io.etcdj.ctl.rpc.Deadline;
import io.etcdj.ctl.rpc.RpcException;
import io.etcdj.ctl.rpc.Tls;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command's dealings with the cluster: the channel, the printer and the time it may take.
 *
 * <p>Opened after the command's own arguments have been checked, because that is when etcdctl looks
 * at the environment, the certificates and the output format, and errors come in that order.
 */
final class Session implements AutoCloseable {
  private static final String VARIABLE_PREFIX = "ETCDCTL_";
  private static final int DEFAULT_MAX_REQUEST_BYTES = 2 << 20;

  /** Servers refuse clients that probe more often, so a smaller --keepalive-time is raised. */
  private static final long SHORTEST_KEEPALIVE_MILLIS = 10_000;

  private final Environment environment;
  private final Channel channel;
  private final Printer printer;
  private final boolean hex;
  private final long commandTimeoutNanos;
  private final boolean commandTimeoutGiven;

  private Session(Flags flags, Environment environment, Channel channel, Printer printer) {
    this.environment = environment;
    this.channel = channel;
    this.printer = printer;
    this.hex = flags.bool("hex");
    this.commandTimeoutNanos = flags.nanos("command-timeout");
    this.commandTimeoutGiven = flags.given("command-timeout");
  }

  static Session open(Flags flags, Environment environment) {
    return open(flags, environment, List.of());
  }

  /**
   * Like {@link #open(Flags, Environment)}.
   *
   * @param ownVariables ETCDCTL_… variables that the command itself reads
   */
  static Session open(Flags flags, Environment environment, List<String> ownVariables) {
    applyVariables(flags, environment, ownVariables);
    if (flags.bool("debug")) {
      for (Flag flag : flags.inherited()) {
        environment.err().print(variable(flag) + "=" + flags.string(flag.name()) + "\n");
      }
    }
    Channel.Settings settings = settings(flags);
    String user = user(flags);
    String password = user.isEmpty() ? "" : password(flags, environment);
    Printer printer =
        Format.printer(flags.string("write-out"), environment.out(), flags.bool("hex"));
    if (printer == null) {
      throw Failure.badFeature("unsupported output format");
    }
    Channel channel = new Channel(settings);
    Session session = new Session(flags, environment, channel, printer);
    String token = flags.string("auth-jwt-token");
    if (!token.isEmpty()) {
      channel.useToken(token);
    } else if (!user.isEmpty() && !password.isEmpty()) {
      session.authenticate(user, password);
    }
    return session;
  }

  private static String variable(Flag flag) {
    return VARIABLE_PREFIX + flag.name().toUpperCase(Locale.ROOT).replace('-', '_');
  }

  private static void applyVariables(
      Flags flags, Environment environment, List<String> ownVariables) {
    for (Map.Entry<String, String> entry : environment.variables().entrySet()) {
      String name = entry.getKey();
      if (!name.startsWith(VARIABLE_PREFIX) || ownVariables.contains(name)) {
        continue;
      }
      Flag flag = flagOf(flags, name);
      if (flag == null) {
        Log.warn(
            environment,
            "unrecognized environment variable",
            "environment-variable",
            name + "=" + entry.getValue());
      } else if (flags.given(flag.name())) {
        Log.fatal(
            environment,
            "conflicting environment variable is shadowed by corresponding command-line flag"
                + " (either unset environment variable or disable flag))",
            "environment-variable",
            name);
        throw Failure.silent(ExitCode.ERROR);
      } else if (!entry.getValue().isEmpty()) {
        try {
          flags.set(flag, entry.getValue());
        } catch (IllegalArgumentException e) {
          throw Failure.error(
              "invalid value \"" + entry.getValue() + "\" for " + name + ": " + e.getMessage());
        }
      }
    }
  }

  private static @Nullable Flag flagOf(Flags flags, String variable) {
    for (Flag flag : flags.inherited()) {
      if (variable(flag).equals(variable)) {
        return flag;
      }
    }
    return null;
  }

  private static Channel.Settings settings(Flags flags) {
    long maxRequestBytes = flags.number("max-request-bytes");
    return new Channel.Settings(
        endpoints(flags),
        tls(flags),
        flags.millis("dial-timeout"),
        Math.max(SHORTEST_KEEPALIVE_MILLIS, flags.millis("keepalive-time")),
        flags.millis("keepalive-timeout"),
        maxRequestBytes == 0 ? DEFAULT_MAX_REQUEST_BYTES : (int) maxRequestBytes);
  }

  private static List<String> endpoints(Flags flags) {
    String domain = flags.string("discovery-srv");
    if (!domain.isEmpty()) {
      try {
        return ServiceRecords.endpoints(
            domain, flags.string("discovery-srv-name"), flags.bool("insecure-discovery"));
      } catch (IOException e) {
        throw Failure.error(e.getMessage());
      }
    }
    List<String> endpoints = flags.strings("endpoints");
    if (endpoints.isEmpty()) {
      throw Failure.badArgs("no endpoints provided");
    }
    return endpoints;
  }

  private static @Nullable Tls tls(Flags flags) {
    String cert = file(flags, "cert");
    String key = file(flags, "key");
    String cacert = file(flags, "cacert");
    boolean verify = !flags.bool("insecure-skip-tls-verify");
    if (cert.isEmpty() != key.isEmpty()) {
      throw Failure.badArgs(
          "KeyFile and CertFile must both be present[key: " + key + ", cert: " + cert + "]");
    }
    if (cert.isEmpty() && cacert.isEmpty() && verify && flags.bool("insecure-transport")) {
      return null;
    }
    boolean onlyForHttpsEndpoints =
        cert.isEmpty() && cacert.isEmpty() && flags.bool("insecure-transport");
    try {
      return Tls.of(cacert, cert, key, verify, onlyForHttpsEndpoints);
    } catch (IOException e) {
      throw Failure.badArgs(String.valueOf(e.getMessage()));
    }
  }

  private static String file(Flags flags, String name) {
    String file = flags.string(name);
    if (file.isEmpty() && flags.given(name)) {
      throw Failure.badArgs("empty string is passed to --" + name + " option");
    }
    return file;
  }

  private static String user(Flags flags) {
    String user = flags.string("user");
    if (flags.string("password").isEmpty() && user.indexOf(':') >= 0) {
      return user.substring(0, user.indexOf(':'));
    }
    return user;
  }

  private static String password(Flags flags, Environment environment) {
    String password = flags.string("password");
    if (!password.isEmpty()) {
      return password;
    }
    String user = flags.string("user");
    int colon = user.indexOf(':');
    return colon >= 0 ? user.substring(colon + 1) : Prompt.secret(environment, "Password: ");
  }

  private void authenticate(String user, String password) {
    Deadline deadline = Deadline.afterMillis(channel.settings().dialTimeoutMillis());
    try {
      channel.useToken(
          channel
              .read(
                  Rpc.AUTHENTICATE,
                  AuthenticateRequest.newBuilder().setName(user).setPassword(password).build(),
                  AuthenticateResponse.parser(),
                  deadline)
              .getToken());
    } catch (RpcException e) {
      if (!e.description().equals(EtcdError.AUTH_NOT_ENABLED.message())) {
        close();
        throw new Failure(ExitCode.BAD_CONNECTION, e.text());
      }
    }
  }

  Environment environment() {
    return environment;
  }

  Printer printer() {
    return printer;
  }

  boolean hex() {
    return hex;
  }

  Channel channel() {
    return channel;
  }

  List<String> endpoints() {
    return channel.settings().endpoints();
  }

  /** A session with one of the endpoints, which is then the only one; it shares the token. */
  Channel channelTo(String endpoint) {
    Channel other = new Channel(channel.settings().withEndpoints(List.of(endpoint)));
    other.useToken(channel.token());
    return other;
  }

  /** When a short command that starts now must be done. */
  Deadline deadline() {
    return Deadline.afterNanos(commandTimeoutNanos);
  }

  /** For commands that run as long as they are wanted, unless --command-timeout was given. */
  Deadline longDeadline() {
    return commandTimeoutGiven ? deadline() : Deadline.NEVER;
  }

  /**
   * Makes a call that changes something.
   *
   * @throws Failure with exit code 1 and the error's words
   */
  <T> T call(String method, MessageLite request, Parser<T> parser) {
    try {
      return channel.call(method, request, parser, deadline());
    } catch (RpcException e) {
      throw Failure.error(e.text());
    }
  }

  /** Makes a call that may be repeated at another endpoint. */
  <T> T read(String method, MessageLite request, Parser<T> parser) {
    try {
      return channel.read(method, request, parser, deadline());
    } catch (RpcException e) {
      throw Failure.error(e.text());
    }
  }

  /** Lets what has been printed be seen now, although the command goes on. */
  void flush() {
    environment.flush();
  }

  @Override
  public void close() {
    channel.close();
  }
}
