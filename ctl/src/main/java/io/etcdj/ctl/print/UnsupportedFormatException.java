package io.etcdj.ctl.print;

/** This kind of answer has no form in this format; the message says so in etcdctl's words. */
public final class UnsupportedFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnsupportedFormatException(String format) {
    super(format + " not supported as output format", null, false, false);
  }
}
