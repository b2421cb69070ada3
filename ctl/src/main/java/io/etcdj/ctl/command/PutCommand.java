package io.etcdj.ctl.command;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.text.GoNumber;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** {@code put}: one key; the value is an argument or all of the input. */
final class PutCommand extends Command {
  static final Flag[] FLAGS = {
    Flag.bool("ignore-lease", "keep the key's lease"),
    Flag.bool("ignore-value", "keep the key's value"),
    Flag.string("lease", "lease ID (in hexadecimal) to attach to the key").withInitial("0"),
    Flag.bool("prev-kv", "print what the key was before"),
  };

  PutCommand() {
    super(
        "put [options] <key> <value> (<value> can also be given from stdin)",
        "Puts the given key into the store");
  }

  @Override
  public Flag[] flags() {
    return FLAGS;
  }

  @Override
  public int run(Flags flags, Environment environment) {
    PutRequest request = request(flags, environment.in());
    try (Session session = Session.open(flags, environment)) {
      session.printer().put(session.call(Rpc.PUT, request, PutResponse.parser()));
      return ExitCode.SUCCESS;
    }
  }

  /** The request that the flags and arguments mean; without a value it is read from {@code in}. */
  static PutRequest request(Flags flags, InputStream in) {
    List<String> arguments = flags.arguments();
    if (arguments.isEmpty()) {
      throw missingValue();
    }
    boolean ignoreValue = flags.bool("ignore-value");
    if (ignoreValue && arguments.size() > 1) {
      throw Failure.badArgs("put command needs only 1 argument when 'ignore-value' is set");
    }
    PutRequest.Builder request =
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(arguments.get(0)))
            .setPrevKv(flags.bool("prev-kv"))
            .setIgnoreValue(ignoreValue)
            .setIgnoreLease(flags.bool("ignore-lease"));
    if (!ignoreValue) {
      request.setValue(
          arguments.size() > 1 ? ByteString.copyFromUtf8(arguments.get(1)) : readValue(in));
    }
    try {
      request.setLease(GoNumber.parseInt(flags.string("lease"), 16));
    } catch (IllegalArgumentException e) {
      throw Failure.badArgs("bad lease ID (" + e.getMessage() + "), expecting ID in Hex");
    }
    return request.build();
  }

  private static ByteString readValue(InputStream in) {
    try {
      ByteString value = ByteString.readFrom(in);
      if (value.isEmpty()) {
        throw missingValue();
      }
      return value;
    } catch (IOException e) {
      throw missingValue();
    }
  }

  private static Failure missingValue() {
    return Failure.badArgs("put command needs 1 argument and input from stdin or 2 arguments");
  }
}
