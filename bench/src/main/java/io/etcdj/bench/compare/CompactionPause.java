package io.etcdj.bench.compare;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.bench.LoadResult;
import io.etcdj.bench.h2.Endpoint;
import io.etcdj.bench.h2.Method;
import io.etcdj.bench.h2.Transport;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What a writer at a steady rate notices of a compaction. */
record CompactionPause(long revisions, long ratePerSecond, int seconds) implements Section {
  private static final int COMPACTION_TIMEOUT_SECONDS = 600;

  @Override
  public void measure(Run run) throws IOException, InterruptedException {
    String workload =
        "put at %d/s, compaction of %d revisions".formatted(ratePerSecond, run.count(revisions));
    run.alone(
        cluster -> {
          Throughput.warmUp(run, cluster);
          for (int round = 0; round < run.rounds(); round++) {
            measure(run, cluster, workload);
          }
        });
  }

  private void measure(Run run, Cluster cluster, String workload)
      throws IOException, InterruptedException {
    var unused =
        run.load(cluster, "put --clients 256 --connections 16 --total " + run.count(revisions));
    LoadResult idle = steadyPuts(run, cluster);
    run.add(cluster, workload, "p99 ms, no compaction", idle.main().millis(99));
    run.add(cluster, workload, "p99.9 ms, no compaction", idle.main().millis(99.9));
    run.add(cluster, workload, "max ms, no compaction", idle.main().millis(100));

    CompletableFuture<Double> compaction =
        CompletableFuture.supplyAsync(() -> compact(Run.first(cluster)));
    LoadResult busy = steadyPuts(run, cluster);
    run.add(cluster, workload, "p99 ms, during compaction", busy.main().millis(99));
    run.add(cluster, workload, "p99.9 ms, during compaction", busy.main().millis(99.9));
    run.add(cluster, workload, "max ms, during compaction", busy.main().millis(100));
    run.add(cluster, workload, "compaction s", compaction.join());
  }

  private LoadResult steadyPuts(Run run, Cluster cluster) throws IOException, InterruptedException {
    long total = run.count(ratePerSecond * seconds);
    return run.load(
        cluster,
        "put --clients 1000 --connections 16 --rate %d --total %d".formatted(ratePerSecond, total));
  }

  /** Compacts everything before now and waits until the disk is done; returns the seconds. */
  private static double compact(Endpoint endpoint) {
    try (Transport transport = new Transport(1)) {
      byte[] read =
          RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build().toByteArray();
      byte[] answer = transport.call(endpoint, Method.RANGE, read, 10);
      long revision = RangeResponse.parseFrom(answer).getHeader().getRevision();
      byte[] request =
          CompactionRequest.newBuilder()
              .setRevision(revision)
              .setPhysical(true)
              .build()
              .toByteArray();
      long startNanos = System.nanoTime();
      var unused = transport.call(endpoint, Method.COMPACT, request, COMPACTION_TIMEOUT_SECONDS);
      return (System.nanoTime() - startNanos) / 1e9;
    } catch (IOException e) {
      throw new CompletionException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(e);
    }
  }
}
