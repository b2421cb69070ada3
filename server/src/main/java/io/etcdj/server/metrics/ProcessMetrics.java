package io.etcdj.server.metrics;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The {@code process_…} metrics, from Linux' /proc (proc(5)), and those of the {@code go_…} names
 * whose meaning carries over to a JVM: dashboards for etcd plot them. On a system without /proc the
 * numbers read as 0.
 */
public final class ProcessMetrics {
  private static final double CLOCK_TICKS_PER_SECOND = 100; // fixed in Linux' user interface
  private static final Path PROC = Path.of("/proc/self");

  private ProcessMetrics() {}

  public static void register(MetricRegistry registry) {
    registry.counter(
        "process_cpu_seconds_total",
        "Total user and system CPU time spent in seconds.",
        () -> (stat(14) + stat(15)) / CLOCK_TICKS_PER_SECOND);
    registry.gauge(
        "process_resident_memory_bytes",
        "Resident memory size in bytes.",
        () -> statusKilobytes("VmRSS:") * 1024);
    registry.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", () -> stat(23));
    registry.gauge(
        "process_virtual_memory_max_bytes",
        "Maximum amount of virtual memory available in bytes.",
        () -> limit("Max address space"));
    registry.gauge(
        "process_start_time_seconds",
        "Start time of the process since unix epoch in seconds.",
        () -> ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0);
    registry.gauge(
        "process_open_fds", "Number of open file descriptors.", ProcessMetrics::openFiles);
    registry.gauge(
        "process_max_fds",
        "Maximum number of open file descriptors.",
        () -> limit("Max open files"));
    registry.counter(
        "process_network_receive_bytes_total",
        "Number of bytes received by the process over the network.",
        () -> network("InOctets"));
    registry.counter(
        "process_network_transmit_bytes_total",
        "Number of bytes sent by the process over the network.",
        () -> network("OutOctets"));
    registry.gauge("os_fd_used", "The number of used file descriptors.", ProcessMetrics::openFiles);
    registry.gauge("os_fd_limit", "The file descriptor limit.", () -> limit("Max open files"));
    registerRuntime(registry);
  }

  private static void registerRuntime(MetricRegistry registry) {
    registry.gauge(
        "go_threads",
        "Number of OS threads created.",
        () -> ManagementFactory.getThreadMXBean().getThreadCount());
    registry.gauge(
        "go_memstats_heap_alloc_bytes",
        "Number of heap bytes allocated and still in use.",
        () -> heap().getUsed());
    registry.gauge(
        "go_memstats_alloc_bytes",
        "Number of bytes allocated and still in use.",
        () -> heap().getUsed());
    registry.gauge(
        "go_memstats_heap_sys_bytes",
        "Number of heap bytes obtained from system.",
        () -> heap().getCommitted());
    registry.gauge(
        "go_memstats_sys_bytes",
        "Number of bytes obtained from system.",
        () ->
            heap().getCommitted()
                + ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage().getCommitted());
    registry.counter(
        "jvm_gc_collection_seconds_total",
        "Time spent in the collector in seconds.",
        () ->
            ManagementFactory.getGarbageCollectorMXBeans().stream()
                    .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                    .sum()
                / 1000.0);
  }

  private static MemoryUsage heap() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
  }

  /** A field of /proc/self/stat, counted from 1 as in proc(5). */
  private static double stat(int field) {
    String stat = read("stat");
    // The second field is the command in brackets and may itself hold blanks.
    String[] rest = stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ", -1);
    return number(field - 3 < rest.length ? rest[field - 3] : "");
  }

  private static double statusKilobytes(String key) {
    return read("status")
        .lines()
        .filter(line -> line.startsWith(key))
        .mapToDouble(line -> number(line.substring(key.length()).replace("kB", "").trim()))
        .findFirst()
        .orElse(0);
  }

  private static double limit(String name) {
    return read("limits")
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> number(line.substring(name.length()).trim().split("\\s+", 2)[0]))
        .findFirst()
        .orElse(0);
  }

  /** A column of the two lines "IpExt:" in /proc/self/net/netstat: names, then values. */
  private static double network(String column) {
    String[] lines =
        read("net/netstat").lines().filter(l -> l.startsWith("IpExt:")).toArray(String[]::new);
    if (lines.length < 2) {
      return 0;
    }
    String[] names = lines[0].split(" ", -1);
    String[] values = lines[1].split(" ", -1);
    for (int i = 0; i < Math.min(names.length, values.length); i++) {
      if (names[i].equals(column)) {
        return number(values[i]);
      }
    }
    return 0;
  }

  private static double openFiles() {
    int count = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(PROC.resolve("fd"))) {
      for (Path unused : files) {
        count++;
      }
    } catch (IOException e) {
      return 0;
    }
    return count;
  }

  private static String read(String file) {
    try {
      return Files.readString(PROC.resolve(file));
    } catch (IOException e) {
      return "";
    }
  }

  /** "unlimited" is what Go's client shows as the largest unsigned number. */
  private static double number(String text) {
    if (text.equals("unlimited")) {
      return 0x1p64;
    }
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
