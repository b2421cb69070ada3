package io.etcdj.server.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.StackWalker.StackFrame;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Where the server writes what happens.
 *
 * <pre>
 *   log.info("published local member", "local-member-id", id, "took", took);
 *   {"level":"info","ts":"…","caller":"member/Member.java:88","msg":"published local member",
 *    "local-member-id":"8e9e05c52164694d","took":"1.5ms"}
 * </pre>
 *
 * <p>Fields are names and values in turn, printed in that order: numbers and booleans as such,
 * durations as Go prints them, exceptions as their message, lists as arrays. Safe from any thread.
 * A call below the level costs one comparison, plus the array of its fields: guard those on a hot
 * path with {@link #isEnabled}.
 */
public final class Log implements AutoCloseable {
  private static final long BACKLOG_BYTES = 4 << 20;
  private static final Duration FATAL_PATIENCE = Duration.ofSeconds(2);
  private static final Object[] NONE = {};
  private static final StackWalker WALKER = StackWalker.getInstance();
  private static final String HERE = Log.class.getName();
  private static final String STDERR = "stderr";

  private final Level threshold;
  private final Clock clock;
  private final LineEncoder encoder;
  private final LineWriter writer;
  private final List<OutputStream> owned;

  private Log(
      Level threshold,
      LogFormat format,
      Clock clock,
      List<OutputStream> outputs,
      List<OutputStream> owned,
      long backlogBytes) {
    this.threshold = threshold;
    this.clock = clock;
    this.encoder = new LineEncoder(format, clock.getZone());
    this.owned = List.copyOf(owned);
    this.writer =
        new LineWriter(
            outputs,
            backlogBytes,
            count ->
                encoder.encode(
                    Level.WARN, clock.instant(), "", "log lines were dropped", "count", count));
  }

  /**
   * Opens the outputs; files are created or appended to.
   *
   * @throws IOException with etcd's words, if one cannot be opened
   */
  public static Log open(LogOptions options, Clock clock) throws IOException {
    Set<String> names = new LinkedHashSet<>();
    for (String output : options.outputs()) {
      // journald reads our stderr; its native protocol would tell it nothing more.
      boolean standard = output.equals("default") || output.equals("systemd/journal");
      names.add(standard ? STDERR : output);
    }
    List<OutputStream> outputs = new ArrayList<>();
    List<OutputStream> owned = new ArrayList<>();
    for (String name : names) {
      if (name.equals(STDERR)) {
        outputs.add(new FileOutputStream(FileDescriptor.err));
      } else if (name.equals("stdout")) {
        outputs.add(new FileOutputStream(FileDescriptor.out));
      } else {
        OutputStream file = openFile(name);
        outputs.add(file);
        owned.add(file);
      }
    }
    Log log = new Log(options.level(), options.format(), clock, outputs, owned, BACKLOG_BYTES);
    // While the process ends, other hooks still log, and nobody waits for our thread: from here on
    // every caller writes its own lines.
    Runtime.getRuntime().addShutdownHook(new Thread(log.writer::close, "log-end"));
    return log;
  }

  /** A log to one stream, which stays open. */
  public static Log to(OutputStream output, Level level, LogFormat format, Clock clock) {
    return new Log(level, format, clock, List.of(output), List.of(), BACKLOG_BYTES);
  }

  /** A log that nobody reads; it has no thread. */
  public static Log discarding() {
    Log log = to(OutputStream.nullOutputStream(), Level.FATAL, LogFormat.JSON, Clock.systemUTC());
    log.writer.close();
    return log;
  }

  static Log to(OutputStream output, Clock clock, long backlogBytes) {
    return new Log(Level.INFO, LogFormat.JSON, clock, List.of(output), List.of(), backlogBytes);
  }

  /**
   * Opens a file for appending, creating it if need be.
   *
   * @throws IOException with etcd's words
   */
  static OutputStream openFile(String name) throws IOException {
    try {
      String path = name.startsWith("file://") ? name.substring("file://".length()) : name;
      return Files.newOutputStream(
          Path.of(path), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (FileSystemException refused) {
      throw new IOException(
          "open sink \"" + name + "\": open " + name + ": " + reason(refused), refused);
    }
  }

  /** Why a file could not be had, in the words of the system. */
  public static String reason(FileSystemException refused) {
    if (refused instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (refused instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (refused instanceof FileAlreadyExistsException) {
      return "file exists";
    }
    String reason = refused.getReason();
    return reason == null ? refused.toString() : reason.toLowerCase(Locale.ROOT);
  }

  /**
   * Whether every output can be opened: the check that comes before anything is started.
   *
   * @throws IOException with etcd's words, if one cannot
   */
  public static void checkOutputs(List<String> outputs) throws IOException {
    Set<String> standard = Set.of("default", STDERR, "stdout", "systemd/journal");
    for (String output : outputs) {
      if (!standard.contains(output)) {
        openFile(output).close();
      }
    }
  }

  public boolean isEnabled(Level level) {
    return level.compareTo(threshold) >= 0;
  }

  public void debug(String message, Object... fields) {
    log(Level.DEBUG, message, fields);
  }

  public void info(String message) {
    log(Level.INFO, message, NONE);
  }

  public void info(String message, Object... fields) {
    log(Level.INFO, message, fields);
  }

  public void warn(String message, Object... fields) {
    log(Level.WARN, message, fields);
  }

  public void error(String message, Object... fields) {
    log(Level.ERROR, message, fields);
  }

  /** Says why the process is about to stop, and returns once that is written; stops nothing. */
  public void fatal(String message, Object... fields) {
    log(Level.FATAL, message, fields);
    writer.flush(FATAL_PATIENCE);
  }

  /** Logs what was noticed before there was a log. */
  public void log(Entry entry) {
    if (isEnabled(entry.level())) {
      writer.write(encoder.encode(entry, clock.instant()));
    }
  }

  private void log(Level level, String message, Object[] fields) {
    if (isEnabled(level)) {
      writer.write(encoder.encode(level, clock.instant(), caller(), message, fields));
    }
  }

  void logFrom(String caller, Level level, String message, Object... fields) {
    if (isEnabled(level)) {
      writer.write(encoder.encode(level, clock.instant(), caller, message, fields));
    }
  }

  /** Package, file and line of whoever called us: {@code member/Loop.java:40}. */
  private static String caller() {
    return WALKER.walk(
        frames ->
            frames
                .filter(frame -> !frame.getClassName().equals(HERE))
                .findFirst()
                .map(Log::place)
                .orElse(""));
  }

  private static String place(StackFrame frame) {
    String name = frame.getClassName();
    int packageEnd = Math.max(name.lastIndexOf('.'), 0);
    String inPackage = name.substring(0, packageEnd);
    String last = inPackage.substring(inPackage.lastIndexOf('.') + 1);
    return last + '/' + frame.getFileName() + ':' + frame.getLineNumber();
  }

  /** Waits until all lines so far are written, but not for long. */
  public void flush() {
    writer.flush(FATAL_PATIENCE);
  }

  /**
   * Writes what is left and closes the files. Lines that come later still go out where they can.
   */
  @Override
  public void close() {
    writer.close();
    for (OutputStream file : owned) {
      try {
        file.close();
      } catch (IOException failed) {
        // Every line was flushed as it was written; there is nothing left to lose.
      }
    }
  }
}
