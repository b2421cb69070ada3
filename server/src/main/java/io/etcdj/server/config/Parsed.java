package io.etcdj.server.config;

import io.etcdj.server.log.Entry;
import java.util.List;

/** What a command line asks for. */
public sealed interface Parsed {

  /**
   * To run a member.
   *
   * @param notices what to log first, once there is a log
   */
  record Run(Config config, List<Entry> notices) implements Parsed {
    public Run {
      notices = List.copyOf(notices);
    }
  }

  /** To print something and stop. */
  record Exit(int code, String stdout, String stderr) implements Parsed {}
}
