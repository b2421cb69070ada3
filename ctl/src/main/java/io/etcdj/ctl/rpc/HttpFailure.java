package io.etcdj.ctl.rpc;

import java.io.IOException;

/** An exchange that came to nothing, in the words that Go has for it. */
public final class HttpFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean connection;

  /**
   * @param connection whether no connection could be made, or it broke while reading
   */
  HttpFailure(String text, boolean connection) {
    super(text);
    this.connection = connection;
  }

  public boolean connection() {
    return connection;
  }
}
