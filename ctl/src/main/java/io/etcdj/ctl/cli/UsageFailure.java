package io.etcdj.ctl.cli;

/** Wrong arguments of a kind that is answered with the command's usage page. */
public final class UsageFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String text;

  public UsageFailure(String text) {
    super(text, null, false, false);
    this.text = text;
  }

  String text() {
    return text;
  }
}
