package io.etcdj.ctl.command;

import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;

/** {@code txn}: compares and two lists of operations, read from the input. */
final class TxnCommand extends Command {
  private static final Flag[] FLAGS = {
    Flag.bool("interactive", "ask for each part of the transaction").withShorthand('i'),
  };

  TxnCommand() {
    super("txn [options]", "Processes all the requests in one transaction");
  }

  @Override
  public Flag[] flags() {
    return FLAGS;
  }

  @Override
  public int run(Flags flags, Environment environment) {
    if (!flags.arguments().isEmpty()) {
      throw Failure.badArgs("txn command does not accept argument");
    }
    TxnText text = new TxnText(environment);
    boolean ask = flags.bool("interactive");
    TxnRequest.Builder request = TxnRequest.newBuilder();
    prompt(ask, environment, "compares:");
    request.addAllCompare(text.compares());
    prompt(ask, environment, "success requests (get, put, del):");
    request.addAllSuccess(text.operations());
    prompt(ask, environment, "failure requests (get, put, del):");
    request.addAllFailure(text.operations());
    try (Session session = Session.open(flags, environment)) {
      session.printer().txn(session.call(Rpc.TXN, request.build(), TxnResponse.parser()));
      return ExitCode.SUCCESS;
    }
  }

  private static void prompt(boolean ask, Environment environment, String prompt) {
    if (ask) {
      environment.out().print(prompt + "\n");
      environment.out().flush();
    }
  }
}
