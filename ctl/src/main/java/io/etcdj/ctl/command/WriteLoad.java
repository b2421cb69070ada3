package io.etcdj.ctl.command;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.ctl.rpc.Channel;
import io.etcdj.ctl.rpc.RpcException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Many clients that write random keys at a common rate.
 *
 * <p>Write n is due n / rate seconds after the start; whichever client is free takes it. So a slow
 * answer delays only its own client, and the rate is kept as long as one is free.
 */
final class WriteLoad {
  private final Session session;
  private final ByteString prefix;
  private final int keyBytes;
  private final int valueBytes;
  private final int clients;

  private final AtomicLong next = new AtomicLong();

  // Guarded by this.
  private final Map<String, Integer> errors = new TreeMap<>();
  private long count;
  private double sumSeconds;
  private double sumSquares;
  private double slowestSeconds;

  WriteLoad(Session session, String prefix, int keyBytes, int valueBytes, int clients) {
    this.session = session;
    this.prefix = ByteString.copyFromUtf8(prefix);
    this.keyBytes = keyBytes;
    this.valueBytes = valueBytes;
    this.clients = clients;
  }

  /**
   * What came of it.
   *
   * @param errors how often each error text was seen
   */
  record Result(
      double writesPerSecond,
      double slowestSeconds,
      double stddevSeconds,
      Map<String, Integer> errors) {}

  Result run(long writes, int writesPerSecond) {
    long start = System.nanoTime();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      String endpoint = session.endpoints().get(i % session.endpoints().size());
      Thread thread =
          new Thread(() -> work(endpoint, start, writes, writesPerSecond), "client-" + i);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    synchronized (this) {
      double mean = count == 0 ? 0 : sumSeconds / count;
      double variance = count == 0 ? 0 : Math.max(0, sumSquares / count - mean * mean);
      return new Result(count / seconds, slowestSeconds, Math.sqrt(variance), errors);
    }
  }

  private void work(String endpoint, long start, long writes, int writesPerSecond) {
    try (Channel channel = session.channelTo(endpoint)) {
      for (long n = next.getAndIncrement(); n < writes; n = next.getAndIncrement()) {
        long dueNanos = start + (long) (n * (1e9 / writesPerSecond)) - System.nanoTime();
        if (dueNanos > 0) {
          Thread.sleep(dueNanos / 1_000_000, (int) (dueNanos % 1_000_000));
        }
        write(channel);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(Channel channel) {
    PutRequest request =
        PutRequest.newBuilder()
            .setKey(prefix.concat(random(keyBytes)))
            .setValue(random(valueBytes))
            .build();
    long sent = System.nanoTime();
    try {
      channel.call(Rpc.PUT, request, PutResponse.parser(), session.deadline());
      record((System.nanoTime() - sent) / 1e9);
    } catch (RpcException e) {
      synchronized (this) {
        errors.merge(e.text(), 1, Integer::sum);
      }
    }
  }

  private static ByteString random(int size) {
    byte[] bytes = new byte[size];
    ThreadLocalRandom.current().nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private synchronized void record(double seconds) {
    count++;
    sumSeconds += seconds;
    sumSquares += seconds * seconds;
    slowestSeconds = Math.max(slowestSeconds, seconds);
  }
}
