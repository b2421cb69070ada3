package io.etcdj.ctl.command;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.rpc.RpcException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@code make-mirror}: copies the keys under a prefix to another cluster, then every change.
 *
 * <p>The copy is one revision of the source, read in pages; the changes follow from the next
 * revision on. Changes of one revision arrive in one transaction, unless they are too many.
 */
final class MakeMirrorCommand extends Command {
  private static final Flag[] FLAGS = {
    Flag.string("dest-cacert", "CA bundle to verify the destination with"),
    Flag.string("dest-cert", "certificate file to identify this client with at the destination"),
    Flag.bool("dest-insecure-transport", "no TLS to the destination unless it asks for it")
        .withInitial("true"),
    Flag.string("dest-key", "key file that belongs to --dest-cert"),
    Flag.string("dest-password", "password of --dest-user"),
    Flag.string("dest-prefix", "prefix of the keys at the destination, in place of --prefix"),
    Flag.string("dest-user", "username[:password] at the destination"),
    Flag.number("max-txn-ops", "how many changes to put into one transaction at most")
        .withInitial("128"),
    Flag.bool("no-dest-prefix", "leave --prefix out of the keys at the destination"),
    Flag.string("prefix", "prefix of the keys to copy"),
    Flag.number("rev", "follow from this revision instead of copying first"),
  };

  private static final long PAGE_KEYS = 1000;
  private static final long REPORT_MILLIS = 30_000;

  MakeMirrorCommand() {
    super("make-mirror [options] <destination>", "Makes a mirror at the destination etcd cluster");
  }

  @Override
  public Flag[] flags() {
    return FLAGS;
  }

  @Override
  public int run(Flags flags, Environment environment) {
    if (flags.arguments().size() != 1) {
      throw Failure.badArgs("make-mirror takes one destination argument");
    }
    if (flags.bool("no-dest-prefix") && !flags.string("dest-prefix").isEmpty()) {
      throw Failure.badArgs(
          "`--dest-prefix` and `--no-dest-prefix` cannot be set at the same time, choose one");
    }
    try (Session source = Session.open(flags, environment);
        Session destination =
            source.openOther(
                flags.arguments().get(0),
                flags.string("dest-cacert"),
                flags.string("dest-cert"),
                flags.string("dest-key"),
                flags.bool("dest-insecure-transport"),
                flags.string("dest-user"),
                flags.string("dest-password"))) {
      new Mirror(source, destination, flags).follow();
      throw Failure.error("watch is canceled by the server");
    } catch (RpcException e) {
      throw Failure.error(e.text());
    }
  }

  private static final class Mirror {
    private final Session source;
    private final Session destination;
    private final ByteString prefix;
    private final ByteString destinationPrefix;
    private final long maxOperations;
    private final long startRevision;
    private final AtomicLong mirrored = new AtomicLong();

    Mirror(Session source, Session destination, Flags flags) {
      this.source = source;
      this.destination = destination;
      this.prefix = ByteString.copyFromUtf8(flags.string("prefix"));
      String other = flags.string("dest-prefix");
      this.destinationPrefix =
          flags.bool("no-dest-prefix")
              ? ByteString.EMPTY
              : other.isEmpty() ? prefix : ByteString.copyFromUtf8(other);
      this.maxOperations = flags.number("max-txn-ops");
      this.startRevision = flags.number("rev");
    }

    void follow() throws RpcException {
      reportRegularly();
      long from = startRevision > 0 ? startRevision : copy() + 1;
      KeyRange range = KeyRange.prefix(prefix);
      WatchCreateRequest watch =
          WatchCreateRequest.newBuilder()
              .setKey(range.key())
              .setRangeEnd(range.end())
              .setStartRevision(from)
              .build();
      try (WatchStream stream = new WatchStream(source, watch)) {
        while (true) {
          WatchResponse answer = stream.next();
          if (answer.getCompactRevision() != 0) {
            throw Failure.error(EtcdError.COMPACTED.message());
          }
          if (answer.getCanceled()) {
            return;
          }
          apply(answer.getEventsList());
        }
      }
    }

    /** Copies everything as of one revision, which it returns. */
    private long copy() throws RpcException {
      KeyRange range = KeyRange.prefix(prefix);
      ByteString key = range.key();
      long revision = 0;
      while (true) {
        RangeResponse page =
            source.read(
                Rpc.RANGE,
                RangeRequest.newBuilder()
                    .setKey(key)
                    .setRangeEnd(range.end())
                    .setLimit(PAGE_KEYS)
                    .setRevision(revision)
                    .build(),
                RangeResponse.parser());
        revision = revision == 0 ? page.getHeader().getRevision() : revision;
        List<RequestOp> operations = new ArrayList<>();
        for (KeyValue kv : page.getKvsList()) {
          operations.add(put(kv));
          key = kv.getKey();
          sendIfFull(operations);
        }
        send(operations);
        if (!page.getMore()) {
          return revision;
        }
        key = key.concat(ByteString.copyFrom(new byte[1])); // the next possible key
      }
    }

    private void apply(List<Event> events) throws RpcException {
      List<RequestOp> operations = new ArrayList<>();
      long revision = 0;
      for (Event event : events) {
        if (event.getKv().getModRevision() != revision) {
          send(operations); // a transaction may not touch a key twice
          revision = event.getKv().getModRevision();
        }
        operations.add(
            event.getType() == Event.EventType.DELETE ? delete(event.getKv()) : put(event.getKv()));
        sendIfFull(operations);
      }
      send(operations);
    }

    private ByteString mapped(ByteString key) {
      return destinationPrefix.concat(key.substring(prefix.size()));
    }

    private RequestOp put(KeyValue kv) {
      return RequestOp.newBuilder()
          .setRequestPut(
              PutRequest.newBuilder().setKey(mapped(kv.getKey())).setValue(kv.getValue()))
          .build();
    }

    private RequestOp delete(KeyValue kv) {
      return RequestOp.newBuilder()
          .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(mapped(kv.getKey())))
          .build();
    }

    private void sendIfFull(List<RequestOp> operations) throws RpcException {
      if (operations.size() >= maxOperations) {
        send(operations);
      }
    }

    private void send(List<RequestOp> operations) throws RpcException {
      if (!operations.isEmpty()) {
        MessageLite request = TxnRequest.newBuilder().addAllSuccess(operations).build();
        Parser<TxnResponse> parser = TxnResponse.parser();
        destination.channel().call(Rpc.TXN, request, parser, destination.deadline());
        mirrored.addAndGet(operations.size());
        operations.clear();
      }
    }

    private void reportRegularly() {
      Thread report =
          new Thread(
              () -> {
                try {
                  while (true) {
                    Thread.sleep(REPORT_MILLIS);
                    source.environment().out().print(mirrored.get() + "\n");
                    source.flush();
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              },
              "report");
      report.setDaemon(true);
      report.start();
    }
  }
}
