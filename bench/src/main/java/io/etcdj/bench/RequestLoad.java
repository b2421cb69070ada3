package io.etcdj.bench;

import com.google.protobuf.MessageLite;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.bench.h2.Call;
import io.etcdj.bench.h2.Connection;
import io.etcdj.bench.h2.Method;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Puts, ranges and transactions: one request, one answer. */
final class RequestLoad extends Workload {
  private record Operation(Method method, Template template, Series series) {}

  private final Operation write;
  private final Operation read;
  private final SplittableRandom random;

  /** Where this event loop's part of the keys begins, if they are taken in order. */
  private final long firstKey;

  private long emptyReads;

  RequestLoad(LoadOptions options, EventLoop loop, List<Connection> connections, int part) {
    super(options, loop);
    boolean transactions = options.mode() == Mode.TXN_PUT || options.mode() == Mode.FILL;
    write =
        transactions
            ? operation(Method.TXN, options.mode().toString(), transaction())
            : operation(Method.PUT, "put", put());
    read = operation(Method.RANGE, "range", range());
    random = new SplittableRandom(options.seed() + part);
    firstKey = options.keySpace() / options.eventLoops() * part;
    long clients = LoadOptions.share(options.clients(), part, options.eventLoops());
    for (int i = 0; i < clients; i++) {
      pacer.add(new RequestClient(connections.get(i % connections.size())));
    }
  }

  private Operation operation(Method method, String name, MessageLite message) {
    return new Operation(method, Template.of(message, options.keySizeBytes()), newSeries(name));
  }

  private PutRequest put() {
    return PutRequest.newBuilder()
        .setKey(Template.hole(options.keySizeBytes()))
        .setValue(Template.value(options.valueSizeBytes(), options.seed()))
        .build();
  }

  private TxnRequest transaction() {
    TxnRequest.Builder transaction = TxnRequest.newBuilder();
    for (int i = 0; i < options.txnOps(); i++) {
      transaction.addSuccess(RequestOp.newBuilder().setRequestPut(put()));
    }
    return transaction.build();
  }

  private RangeRequest range() {
    return RangeRequest.newBuilder()
        .setKey(Template.hole(options.keySizeBytes()))
        .setSerializable(options.serializable())
        .build();
  }

  @Override
  void reset() {
    emptyReads = 0;
  }

  @Override
  Map<String, Double> notes() {
    Map<String, Double> notes = super.notes();
    if (emptyReads > 0) {
      notes.put("ranges without a key", (double) emptyReads);
    }
    return notes;
  }

  private Operation choose() {
    return switch (options.mode()) {
      case RANGE -> read;
      case MIXED -> random.nextInt(100) < options.writePercent() ? write : read;
      default -> write;
    };
  }

  private void fillKeys(Template template, long index) {
    int holes = template.holes();
    // At random, too, the keys of one transaction differ: etcd refuses to put one twice.
    long first =
        options.sequentialKeys() ? firstKey + index * holes : random.nextLong(options.keySpace());
    for (int hole = 0; hole < holes; hole++) {
      template.key(hole, (first + hole) % options.keySpace());
    }
  }

  private final class RequestClient extends Call implements Pacer.Client {
    private final Connection connection;
    private Operation operation = write;
    private long startNanos;
    private int answerBytes;

    RequestClient(Connection connection) {
      this.connection = connection;
    }

    @Override
    public void begin(long startNanos, long index) {
      this.startNanos = startNanos;
      operation = choose();
      answerBytes = 0;
      Template template = operation.template();
      fillKeys(template, index);
      connection.start(operation.method(), template.bytes(), true, this);
    }

    @Override
    protected void onData(ByteBuf data) {
      answerBytes += data.readableBytes();
    }

    @Override
    protected void onEnd(@Nullable String error) {
      if (error == null) {
        operation.series().record(System.nanoTime() - startNanos);
        if (operation.method() == Method.RANGE && answerBytes < options.valueSizeBytes()) {
          emptyReads++; // a header only
        }
      } else {
        error(error);
      }
      pacer.finished(this, connection.isOpen());
    }
  }
}
