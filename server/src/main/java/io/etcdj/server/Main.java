package io.etcdj.server;

import io.etcdj.server.boot.EtcdProcess;
import io.etcdj.server.boot.ProxyProcess;
import io.etcdj.server.boot.StartException;
import io.etcdj.server.config.CommandLine;
import io.etcdj.server.config.DefaultRoute;
import io.etcdj.server.config.Parsed;
import io.etcdj.server.log.LibraryLogs;
import io.etcdj.server.log.Log;
import java.io.IOException;
import java.time.Clock;
import java.util.List;

/** The {@code etcd} executable. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Parsed parsed =
        CommandLine.parse(List.of(args), System.getenv(), DefaultRoute::address, Clock.systemUTC());
    if (parsed instanceof Parsed.Exit exit) {
      System.out.print(exit.stdout());
      System.out.flush();
      System.err.print(exit.stderr());
      System.err.flush();
      Runtime.getRuntime().halt(exit.code());
    } else if (parsed instanceof Parsed.Run run) {
      run(run);
    }
  }

  private static void run(Parsed.Run run) {
    Log log;
    try {
      log = Log.open(run.config().log(), Clock.systemUTC());
    } catch (IOException e) {
      System.err.println(e.getMessage());
      Runtime.getRuntime().halt(1);
      return;
    }
    LibraryLogs.routeTo(log);
    run.notices().forEach(log::log);
    try {
      Runnable close =
          ProxyProcess.isMeant(run.config(), log)
              ? ProxyProcess.start(run.config(), log)::close
              : EtcdProcess.start(run.config(), log)::close;
      Runtime.getRuntime().addShutdownHook(new Thread(close, "etcdj-shutdown"));
    } catch (StartException e) {
      e.lines().forEach(log::log);
      log.flush();
      Runtime.getRuntime().halt(1);
    } catch (IOException e) {
      log.fatal("discovery failed", "error", String.valueOf(e.getMessage()));
      Runtime.getRuntime().halt(1);
    } catch (RuntimeException | Error e) {
      log.fatal("failed to start", "error", e);
      Runtime.getRuntime().halt(1);
    }
  }
}
