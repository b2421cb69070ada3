package io.etcdj.proof.conform;

import static io.etcdj.proof.GrpcClient.bytes;
import static io.etcdj.proof.conform.Requests.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.api.etcdserverpb.Compare;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeRequest.SortOrder;
import io.etcdj.api.etcdserverpb.RangeRequest.SortTarget;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A history that nobody thought of: random calls, each answered alike, the hashes compared now and
 * then, and all changes told alike to those who watch. Longer with {@code -Dsoak=N}, the same again
 * with {@code -Dseed=N}.
 */
@Timeout(3600)
class RandomHistoryTest {
  private static final int CALLS = 2_000;
  private static final int HASHED_EVERY = 100;
  private static final int KEYS = 12;
  private static final int LEASES = 5;

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);

  private long compacted = 1;

  @Test
  void theSameCallsHaveTheSameAnswers(@TempDir Path directory) {
    System.out.println("seed: " + seed);
    int calls = CALLS * Integer.getInteger("soak", 1);
    try (Both both = Both.start(directory)) {
      try (Watching theirs = new Watching(both.theirs());
          Watching ours = new Watching(both.ours())) {
        for (WatchCreateRequest request : watches()) {
          theirs.create(request);
          ours.create(request);
        }
        for (int call = 1; call <= calls; call++) {
          both.over(random.nextInt(4) == 0 ? Transport.JSON : Transport.GRPC);
          call(both);
          if (call % HASHED_EVERY == 0) {
            both.sameHash();
          }
        }
        ours.drain();
        theirs.awaitEvents(ours.events()); // 3.4.23 tells its progress ahead of events
        theirs.drain();
        for (Map.Entry<Long, List<String>> watcher : theirs.told().entrySet()) {
          assertThat(ours.told().get(watcher.getKey())).isEqualTo(watcher.getValue());
        }
      }
    } catch (AssertionError e) {
      throw new AssertionError("replay with -Dseed=" + seed, e);
    }
  }

  private static List<WatchCreateRequest> watches() {
    WatchCreateRequest all = WatchCreateRequest.newBuilder().setKey(OPEN).setRangeEnd(OPEN).build();
    return List.of(
        all,
        all.toBuilder().setPrevKv(true).build(),
        all.toBuilder().addFilters(WatchCreateRequest.FilterType.NOPUT).build(),
        WatchCreateRequest.newBuilder().setKey(bytes("k03")).setPrevKv(true).build(),
        WatchCreateRequest.newBuilder().setKey(bytes("k02")).setRangeEnd(bytes("k06")).build());
  }

  private void call(Both both) {
    long now = both.ours().revision();
    int dice = random.nextInt(100);
    if (dice < 30) {
      both.alike(Rpc.PUT, put());
    } else if (dice < 42) {
      both.alike(Rpc.DELETE, delete());
    } else if (dice < 62) {
      both.alike(Rpc.RANGE, range(now));
    } else if (dice < 84) {
      both.alike(Rpc.TXN, txn(now));
    } else if (dice < 88) {
      both.alike(Rpc.GRANT, Requests.grant(lease(), 1000 + random.nextInt(1000)));
    } else if (dice < 91) {
      both.alike(Rpc.REVOKE, Requests.revoke(lease()));
    } else if (dice < 95) {
      both.alike(
          Rpc.TIME_TO_LIVE,
          LeaseTimeToLiveRequest.newBuilder().setID(lease()).setKeys(true).build());
    } else if (dice < 98) {
      long at = compacted + random.nextInt((int) (now - compacted) + 3) - 1;
      if (at > compacted && at <= now) {
        compacted = at;
      }
      both.alike(
          Rpc.COMPACT, CompactionRequest.newBuilder().setRevision(at).setPhysical(true).build());
    } else {
      both.sameHash();
    }
  }

  private ByteString key() {
    return bytes(String.format("k%02d", random.nextInt(KEYS)));
  }

  private ByteString end() {
    return switch (random.nextInt(8)) {
      case 0 -> OPEN;
      case 1, 2, 3, 4 -> ByteString.EMPTY;
      default -> key();
    };
  }

  /** One of few. */
  private long lease() {
    return random.nextInt(LEASES) + 1L;
  }

  private PutRequest put() {
    PutRequest.Builder put =
        PutRequest.newBuilder().setKey(key()).setPrevKv(random.nextInt(3) == 0);
    if (random.nextInt(10) == 0) {
      put.setIgnoreValue(true);
    } else {
      put.setValue(bytes("v" + random.nextInt(1000)));
    }
    if (random.nextInt(10) == 0) {
      put.setIgnoreLease(true);
    } else if (random.nextInt(4) == 0) {
      put.setLease(lease());
    }
    return put.build();
  }

  /** Of two faults 3.4 may name the other: see {@link Since34#ORDER_OF_CHECKS}. */
  private PutRequest putInTxn(boolean plain) {
    PutRequest put = put();
    if (plain) {
      return put.toBuilder().clearIgnoreValue().clearIgnoreLease().build();
    }
    return put.getIgnoreValue() ? put.toBuilder().clearLease().build() : put;
  }

  private DeleteRangeRequest deleteInTxn(boolean plainPuts) {
    DeleteRangeRequest delete = delete();
    return !plainPuts && delete.getRangeEnd().equals(OPEN)
        ? delete.toBuilder().clearRangeEnd().build()
        : delete;
  }

  private DeleteRangeRequest delete() {
    return DeleteRangeRequest.newBuilder()
        .setKey(key())
        .setRangeEnd(end())
        .setPrevKv(random.nextInt(2) == 0)
        .build();
  }

  private RangeRequest range(long now) {
    RangeRequest.Builder range = RangeRequest.newBuilder().setKey(key()).setRangeEnd(end());
    if (random.nextInt(3) == 0) {
      range.setRevision(now - random.nextInt(30) + 2);
    }
    if (random.nextInt(3) == 0) {
      range.setLimit(random.nextInt(5));
    }
    if (random.nextInt(3) == 0) {
      // By create or mod revision there can be ties, which may come out either way.
      range
          .setSortOrder(random.nextBoolean() ? SortOrder.DESCEND : SortOrder.ASCEND)
          .setSortTarget(SortTarget.KEY);
    }
    range.setKeysOnly(random.nextInt(6) == 0).setCountOnly(random.nextInt(6) == 0);
    range.setSerializable(random.nextInt(6) == 0);
    if (random.nextInt(6) == 0) {
      range.setMinModRevision(now - random.nextInt(40));
    }
    if (random.nextInt(6) == 0) {
      range.setMaxCreateRevision(now - random.nextInt(40));
    }
    return range.build();
  }

  /**
   * The original panics when a transaction deletes a key by a range without end and then puts it
   * with ignore_value or ignore_lease, so only one of the two is in a transaction.
   */
  private TxnRequest txn(long now) {
    return txn(now, 2, random.nextBoolean());
  }

  private TxnRequest txn(long now, int depth, boolean plainPuts) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = random.nextInt(3); i > 0; i--) {
      txn.addCompare(compare(now));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      txn.addSuccess(op(now, depth, plainPuts));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      txn.addFailure(op(now, depth, plainPuts));
    }
    return txn.build();
  }

  private RequestOp op(long now, int depth, boolean plainPuts) {
    return switch (random.nextInt(depth > 0 ? 8 : 7)) {
      case 0, 1, 2 -> Requests.op(putInTxn(plainPuts));
      case 3 -> Requests.op(deleteInTxn(plainPuts));
      case 7 -> Requests.op(txn(now, depth - 1, plainPuts));
      // Without a revision, so that there is one fault at most.
      default -> Requests.op(range(now).toBuilder().clearRevision().build());
    };
  }

  private Compare compare(long now) {
    Compare.Builder compare =
        Compare.newBuilder()
            .setKey(key())
            .setResultValue(random.nextInt(4))
            .setRangeEnd(random.nextInt(4) == 0 ? end() : ByteString.EMPTY);
    switch (random.nextInt(5)) {
      case 0 -> compare.setTarget(Compare.CompareTarget.VERSION).setVersion(random.nextInt(3));
      case 1 ->
          compare
              .setTarget(Compare.CompareTarget.CREATE)
              .setCreateRevision(random.nextBoolean() ? 0 : now - random.nextInt(20));
      case 2 ->
          compare
              .setTarget(Compare.CompareTarget.MOD)
              .setModRevision(random.nextBoolean() ? 0 : now - random.nextInt(20));
      case 3 -> compare.setTarget(Compare.CompareTarget.LEASE).setLease(random.nextInt(3));
      default ->
          compare
              .setTarget(Compare.CompareTarget.VALUE)
              .setValue(bytes("v" + random.nextInt(1000)));
    }
    return compare.build();
  }
}
