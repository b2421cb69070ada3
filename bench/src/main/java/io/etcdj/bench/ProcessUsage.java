package io.etcdj.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What processes have used, summed up: processor time since their start, resident memory now.
 *
 * <p>Linux only. Times in /proc are in hundredths of a second and memory in pages of 4 KiB on every
 * machine that this tool is run on.
 */
public record ProcessUsage(double cpuSeconds, long rssBytes) {
  private static final double TICKS_PER_SECOND = 100;
  private static final long PAGE_BYTES = 4096;

  /** Columns of /proc/PID/stat, counted from behind the name (proc(5) counts from its start). */
  private static final int UTIME = 11;

  private static final int STIME = 12;
  private static final int RSS = 21;

  public static ProcessUsage of(List<Long> pids) throws IOException {
    double cpuSeconds = 0;
    long rssBytes = 0;
    for (long pid : pids) {
      ProcessUsage one = parse(Files.readString(Path.of("/proc", Long.toString(pid), "stat")));
      cpuSeconds += one.cpuSeconds;
      rssBytes += one.rssBytes;
    }
    return new ProcessUsage(cpuSeconds, rssBytes);
  }

  /** Reads one line of /proc/PID/stat; a process's name may hold spaces and parentheses. */
  static ProcessUsage parse(String stat) {
    String[] columns = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    long ticks = Long.parseLong(columns[UTIME]) + Long.parseLong(columns[STIME]);
    return new ProcessUsage(ticks / TICKS_PER_SECOND, Long.parseLong(columns[RSS]) * PAGE_BYTES);
  }
}
