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
  private final long commandTimeoutNanos;
  private final boolean commandTimeoutGiven;

  private Session(
      Environment environment,
      Channel channel,
      Printer printer,
      long commandTimeoutNanos,
      boolean commandTimeoutGiven) {
    this.environment = environment;
    this.channel = channel;
    this.printer = printer;
    this.commandTimeoutNanos = commandTimeoutNanos;
    this.commandTimeoutGiven = commandTimeoutGiven;
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
    String user = userName(flags.string("user"), flags.string("password"));
    String password =
        user.isEmpty() ? "" : password(flags.string("user"), flags.string("password"), environment);
    Printer printer =
        Format.printer(flags.string("write-out"), environment.out(), flags.bool("hex"));
    if (printer == null) {
      throw Failure.badFeature("unsupported output format");
    }
    Channel channel = new Channel(settings);
    Session session =
        new Session(
            environment,
            channel,
            printer,
            flags.nanos("command-timeout"),
            flags.given("command-timeout"));
    String token = flags.string("auth-jwt-token");
    if (!token.isEmpty()) {
      channel.useToken(token);
    } else if (!user.isEmpty() && !password.isEmpty()) {
      session.authenticate(user, password);
    }
    return session;
  }

  /** A session with another cluster, reached and entered in its own way. */
  Session openOther(
      String endpoints,
      String cacert,
      String cert,
      String key,
      boolean insecureTransport,
      String user,
      String password) {
    Channel.Settings ours = channel.settings();
    Channel.Settings settings =
        new Channel.Settings(
            List.of(endpoints.split(",", -1)),
            tls(cacert, cert, key, true, insecureTransport),
            ours.dialTimeoutMillis(),
            ours.keepAliveMillis(),
            ours.keepAliveTimeoutMillis(),
            ours.maxRequestBytes());
    Session other =
        new Session(
            environment, new Channel(settings), printer, commandTimeoutNanos, commandTimeoutGiven);
    if (!user.isEmpty()) {
      other.authenticate(userName(user, password), password(user, password, environment));
    }
    return other;
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
    return tls(
        file(flags, "cacert"),
        file(flags, "cert"),
        file(flags, "key"),
        !flags.bool("insecure-skip-tls-verify"),
        flags.bool("insecure-transport"));
  }

  private static @Nullable Tls tls(
      String cacert, String cert, String key, boolean verify, boolean insecureTransport) {
    if (cert.isEmpty() != key.isEmpty()) {
      throw Failure.badArgs(
          "KeyFile and CertFile must both be present[key: " + key + ", cert: " + cert + "]");
    }
    boolean onlyForHttps = cert.isEmpty() && cacert.isEmpty() && insecureTransport;
    if (onlyForHttps && verify) {
      return null;
    }
    try {
      return Tls.of(cacert, cert, key, verify, onlyForHttps);
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

  /** The name in {@code name[:password]}, which is all of it if the password comes by itself. */
  private static String userName(String user, String password) {
    int colon = user.indexOf(':');
    return password.isEmpty() && colon >= 0 ? user.substring(0, colon) : user;
  }

  private static String password(String user, String password, Environment environment) {
    if (!password.isEmpty()) {
      return password;
    }
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
