package io.etcdj.bench.compare;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.bench.LoadResult;
import io.etcdj.bench.h2.Method;
import io.etcdj.bench.h2.Transport;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Many keys: what they take in memory, and how soon they are served again after a restart. */
record Million(long keys, int valueSizeBytes) implements Section {
  private static final int GIVE_UP_SECONDS = 120;
  private static final int RETRY_MILLIS = 5;

  @Override
  public void measure(Run run) throws IOException, InterruptedException {
    String workload = "%d keys of %d B".formatted(run.count(keys), valueSizeBytes);
    run.alone(
        cluster -> {
          LoadResult fill =
              run.load(
                  cluster,
                  "fill --total %d --value-size %d".formatted(run.count(keys), valueSizeBytes));
          run.add(cluster, workload, "keys/s while filling", fill.opsPerSecond());
          run.add(cluster, workload, "RSS MiB when filled", cluster.rssMebibytes());
          for (int round = 0; round < run.rounds(); round++) {
            cluster.restart();
            run.add(cluster, workload, "s from start to first linearizable read", serving(cluster));
            cluster.awaitReady();
            run.add(cluster, workload, "RSS MiB after restart", cluster.rssMebibytes());
          }
        });
  }

  /** Seconds since the process start until a linearizable read of a key is answered. */
  private static double serving(Cluster cluster) throws IOException, InterruptedException {
    byte[] request =
        RangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("k"))
            .setRangeEnd(ByteString.copyFromUtf8("l"))
            .setLimit(1)
            .build()
            .toByteArray();
    try (Transport transport = new Transport(1)) {
      while (true) {
        try {
          byte[] answer = transport.call(Run.first(cluster), Method.RANGE, request, 10);
          if (RangeResponse.parseFrom(answer).getKvsCount() != 1) {
            throw new IllegalStateException("the keys are gone after the restart");
          }
          return cluster.secondsSinceStart();
        } catch (IOException e) {
          if (cluster.secondsSinceStart() > GIVE_UP_SECONDS) {
            throw e;
          }
          TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS); // refused: not listening yet
        }
      }
    }
  }
}
