package io.etcdj.ctl.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What surrounds a command: variables and the three streams. Tests bring their own.
 *
 * @param inheritable whether the streams are the process's own, which child processes inherit
 */
public record Environment(
    Map<String, String> variables,
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean inheritable) {

  public Environment(
      Map<String, String> variables, InputStream in, PrintStream out, PrintStream err) {
    this(variables, in, out, err, false);
  }

  /** The process's own. Output is buffered: whoever prints says when it must be seen. */
  public static Environment ofProcess() {
    return new Environment(
        System.getenv(),
        new FileInputStream(FileDescriptor.in),
        stream(FileDescriptor.out),
        stream(FileDescriptor.err),
        true);
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(
        new java.io.BufferedOutputStream(new FileOutputStream(descriptor), 8192),
        false,
        StandardCharsets.UTF_8);
  }

  public void flush() {
    out.flush();
    err.flush();
  }
}
