package io.etcdj.proof.crash;

import static io.etcdj.proof.GrpcClient.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.LeaseGrantRequest;
import io.etcdj.api.etcdserverpb.LeaseRevokeRequest;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.proof.GrpcClient;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A client that writes one thing after the other to keys that nobody else writes, and knows what
 * the server must hold: after a crash either all that was acknowledged, or that and the one write
 * whose answer never came.
 */
final class Writer {
  private static final int PLAIN_KEYS = 8;
  private static final int TXN_KEYS = 5;

  /** What a key holds: number and length of its value, and where it was written. */
  record Cell(long number, int length, long modRevision, long lease) {}

  /** A change of one key within a write; a null cell deletes it. */
  record Effect(String key, @Nullable Cell cell) {}

  private interface Send {
    /** Sends it; returns the revision of the answer. */
    long to(GrpcClient client);
  }

  /** A write: how to send it, and what it does once it has a revision. */
  private record Write(Send send, List<Effect> effects, long leaseAfter) {}

  private final String prefix;
  private final int number;
  private final int maxValueBytes;
  private final Random random;
  private final Map<String, Cell> cells = new TreeMap<>();

  /** Every write that took effect and made a revision, with that revision on its cells. */
  private final Map<Long, List<Effect>> history = new HashMap<>();

  private long nextNumber = 1;
  private long lease;
  private long newestRevision;
  private @Nullable Write unanswered;

  Writer(int number, int maxValueBytes, long seed) {
    this.prefix = "w" + number + "/";
    this.number = number;
    this.maxValueBytes = maxValueBytes;
    this.random = new Random(seed * 31 + number);
  }

  /** What each revision of this writer did. */
  Map<Long, List<Effect>> history() {
    return history;
  }

  long newestRevision() {
    return newestRevision;
  }

  /** Writes until the server is gone. */
  void writeUntilTheEnd(GrpcClient client) {
    while (true) {
      Write write = next();
      try {
        took(write, write.send().to(client));
      } catch (StatusRuntimeException gone) {
        unanswered = write;
        return;
      }
    }
  }

  private void took(Write write, long revision) {
    if (!write.effects().isEmpty()) {
      List<Effect> done = new ArrayList<>();
      for (Effect effect : write.effects()) {
        Cell cell = effect.cell();
        if (cell == null) {
          cells.remove(effect.key());
          done.add(effect);
        } else {
          Cell placed = new Cell(cell.number(), cell.length(), revision, cell.lease());
          cells.put(effect.key(), placed);
          done.add(new Effect(effect.key(), placed));
        }
      }
      assertThat(history.put(revision, done)).as("writes at revision " + revision).isNull();
    }
    assertThat(revision).isGreaterThanOrEqualTo(newestRevision);
    newestRevision = revision;
    lease = write.leaseAfter();
  }

  private Write next() {
    int kind = random.nextInt(10);
    if (kind < 5) {
      return put(prefix + "p" + random.nextInt(PLAIN_KEYS), 0);
    }
    if (kind < 8) {
      return txn();
    }
    if (kind == 8) {
      String key = prefix + "p" + random.nextInt(PLAIN_KEYS);
      return cells.containsKey(key) ? delete(key) : put(key, 0);
    }
    return leaseStep();
  }

  private Cell newCell(long withLease) {
    return new Cell(nextNumber++, 16 + random.nextInt(maxValueBytes), 0, withLease);
  }

  static ByteString value(Cell cell) {
    byte[] bytes = new byte[cell.length()];
    new Random(cell.number()).nextBytes(bytes);
    byte[] head =
        String.format("%016d", cell.number()).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    System.arraycopy(head, 0, bytes, 0, head.length);
    return ByteString.copyFrom(bytes);
  }

  private static PutRequest request(String key, Cell cell) {
    return PutRequest.newBuilder()
        .setKey(bytes(key))
        .setValue(value(cell))
        .setLease(cell.lease())
        .build();
  }

  private Write put(String key, long withLease) {
    Cell cell = newCell(withLease);
    return new Write(
        client -> client.call(GrpcClient.PUT, request(key, cell)).getHeader().getRevision(),
        List.of(new Effect(key, cell)),
        lease);
  }

  private Write delete(String key) {
    return new Write(
        client ->
            client
                .call(GrpcClient.DELETE, DeleteRangeRequest.newBuilder().setKey(bytes(key)).build())
                .getHeader()
                .getRevision(),
        List.of(new Effect(key, null)),
        lease);
  }

  private Write txn() {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    List<Effect> effects = new ArrayList<>();
    for (int i = 0; i < TXN_KEYS; i++) {
      Effect effect = new Effect(prefix + "t" + i, newCell(0));
      effects.add(effect);
      Cell cell = effect.cell();
      if (cell != null) {
        txn.addSuccess(RequestOp.newBuilder().setRequestPut(request(effect.key(), cell)));
      }
    }
    return new Write(
        client -> client.call(GrpcClient.TXN, txn.build()).getHeader().getRevision(),
        effects,
        lease);
  }

  /** Grants a lease, hangs two keys on it, revokes it, and so on. */
  private Write leaseStep() {
    String first = prefix + "l0";
    String second = prefix + "l1";
    if (lease == 0) {
      long id = number * 1_000_000_000L + nextNumber++;
      return new Write(
          client ->
              client
                  .call(
                      GrpcClient.GRANT,
                      LeaseGrantRequest.newBuilder().setID(id).setTTL(3_600).build())
                  .getHeader()
                  .getRevision(),
          List.of(),
          id);
    }
    if (!cells.containsKey(first)) {
      return put(first, lease);
    }
    if (!cells.containsKey(second)) {
      return put(second, lease);
    }
    long id = lease;
    return new Write(
        client ->
            client
                .call(GrpcClient.REVOKE, LeaseRevokeRequest.newBuilder().setID(id).build())
                .getHeader()
                .getRevision(),
        List.of(new Effect(first, null), new Effect(second, null)),
        0);
  }

  /** Compares with what the server holds after a crash; takes over the unanswered write. */
  void compareAfterCrash(GrpcClient client) {
    Map<String, Cell> found = new TreeMap<>();
    for (KeyValue kv : client.list(prefix).getKvsList()) {
      long value = Long.parseLong(kv.getValue().substring(0, 16).toStringUtf8());
      Cell cell = new Cell(value, kv.getValue().size(), kv.getModRevision(), kv.getLease());
      assertThat(kv.getValue()).isEqualTo(value(cell));
      found.put(kv.getKey().toStringUtf8(), cell);
    }
    Write open = unanswered;
    unanswered = null;
    if (open == null) {
      assertThat(found).isEqualTo(cells);
      return;
    }
    if (open.effects().isEmpty()) {
      assertThat(found).isEqualTo(cells);
      if (leaseKeys(client, open.leaseAfter()) != null) {
        lease = open.leaseAfter();
      }
    } else if (!found.equals(cells)) {
      took(open, revisionOf(open, found));
      assertThat(found).as("all of the last write, or nothing").isEqualTo(cells);
    }
    if (lease != 0) {
      assertThat(leaseKeys(client, lease))
          .as("keys of lease " + lease)
          .isEqualTo(cells.keySet().stream().filter(key -> key.startsWith(prefix + "l")).toList());
    }
  }

  /**
   * Where a write that nobody acknowledged took effect; deletions do not tell, so it is looked up.
   */
  private long revisionOf(Write write, Map<String, Cell> found) {
    for (Effect effect : write.effects()) {
      Cell cell = found.get(effect.key());
      if (effect.cell() != null && cell != null) {
        return cell.modRevision();
      }
    }
    return deletedAt;
  }

  /** Where the newest deletion of this writer's keys was seen; told by who watches. */
  private long deletedAt;

  void deletionSeen(String key, long revision) {
    if (key.startsWith(prefix)) {
      deletedAt = revision;
    }
  }

  private static @Nullable List<String> leaseKeys(GrpcClient client, long id) {
    LeaseTimeToLiveResponse response =
        client.call(
            GrpcClient.TIME_TO_LIVE,
            LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(true).build());
    return response.getTTL() < 0
        ? null
        : response.getKeysList().stream().map(ByteString::toStringUtf8).sorted().toList();
  }
}
