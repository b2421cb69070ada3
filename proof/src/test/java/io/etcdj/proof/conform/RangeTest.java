package io.etcdj.proof.conform;

import static io.etcdj.proof.GrpcClient.bytes;
import static io.etcdj.proof.conform.Requests.OPEN;
import static io.etcdj.proof.conform.Requests.compact;
import static io.etcdj.proof.conform.Requests.delete;
import static io.etcdj.proof.conform.Requests.get;
import static io.etcdj.proof.conform.Requests.put;
import static io.etcdj.proof.conform.Requests.range;

import io.etcdj.api.GrpcCode;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeRequest.SortOrder;
import io.etcdj.api.etcdserverpb.RangeRequest.SortTarget;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What reading says. */
@Timeout(120)
class RangeTest {
  private static Both both;

  @BeforeAll
  static void start(@TempDir Path directory) {
    both = Both.start(directory);
  }

  @BeforeEach
  void together() {
    both.together();
  }

  @AfterAll
  static void stop() {
    if (both != null) {
      both.close();
    }
  }

  /** Six keys that no sort target leaves in a tie; returns the first revision of theirs. */
  private static long writeSix() {
    List<String> keys = List.of("s/d", "s/a", "s/f", "s/b", "s/e", "s/c");
    both.same(Rpc.DELETE, Requests.deleting("s/", "s0").build());
    long first = both.revision() + 1;
    for (int version = 0; version < keys.size(); version++) {
      for (int key = version; key < keys.size(); key++) {
        String value = Integer.toString((key * 7 + 3) % 11);
        both.same(Rpc.PUT, put(keys.get(key), value + "@" + version));
      }
    }
    return first;
  }

  private static List<SortTarget> targets() {
    return List.of(
        SortTarget.KEY, SortTarget.VERSION, SortTarget.CREATE, SortTarget.MOD, SortTarget.VALUE);
  }

  @ParameterizedTest
  @EnumSource
  void everySortOrderTargetAndLimit(Transport transport) {
    both.over(transport);
    writeSix();
    for (SortOrder order : List.of(SortOrder.NONE, SortOrder.ASCEND, SortOrder.DESCEND)) {
      for (SortTarget target : targets()) {
        for (long limit : new long[] {0, 1, 3, 5, 6, 7, -1}) {
          for (int flags = 0; flags < 4; flags++) {
            both.same(
                Rpc.RANGE,
                range("s/", "s0")
                    .setSortOrder(order)
                    .setSortTarget(target)
                    .setLimit(limit)
                    .setKeysOnly((flags & 1) != 0)
                    .setCountOnly((flags & 2) != 0)
                    .build());
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyRevisionFilterAloneAndWithAnother(Transport transport) {
    both.over(transport);
    long first = writeSix();
    for (long low = first - 1; low <= first + 21; low += 2) {
      long high = low + 4;
      for (long limit : new long[] {0, 2}) {
        RangeRequest.Builder all = range("s/", "s0").setLimit(limit);
        both.same(Rpc.RANGE, all.clone().setMinModRevision(low).build());
        both.same(Rpc.RANGE, all.clone().setMaxModRevision(low).build());
        both.same(Rpc.RANGE, all.clone().setMinCreateRevision(low).build());
        both.same(Rpc.RANGE, all.clone().setMaxCreateRevision(low).build());
        both.same(Rpc.RANGE, all.clone().setMinModRevision(low).setMaxModRevision(high).build());
        both.same(
            Rpc.RANGE,
            all.clone()
                .setMaxCreateRevision(high)
                .setMinModRevision(low)
                .setSortTarget(SortTarget.VERSION)
                .setSortOrder(SortOrder.DESCEND)
                .build());
        both.same(Rpc.RANGE, all.clone().setMinModRevision(low).setCountOnly(true).build());
      }
    }
    both.same(Rpc.RANGE, range("s/", "s0").setMinModRevision(-1).build());
    both.same(Rpc.RANGE, range("s/", "s0").setMaxModRevision(-1).build());
  }

  @ParameterizedTest
  @EnumSource
  void everyKindOfRange(Transport transport) {
    both.over(transport);
    writeSix();
    both.same(Rpc.PUT, put("s/\u0000x", "zero byte"));
    both.same(Rpc.PUT, put("s", "shorter"));
    both.same(Rpc.RANGE, get("s/a"));
    both.same(Rpc.RANGE, get("s/none"));
    both.same(Rpc.RANGE, range("s/a", "s/d").build());
    both.same(Rpc.RANGE, range("s/b", "s/c").build());
    both.same(Rpc.RANGE, range("s/d", "s/a").build()); // nothing lies between
    both.same(Rpc.RANGE, range("s/d", "s/d").build());
    both.same(Rpc.RANGE, range("s/c", "").setRangeEnd(OPEN).build());
    both.same(Rpc.RANGE, range("\u0000", "").setRangeEnd(OPEN).build());
    both.same(Rpc.RANGE, range("\u0000", "s/b").build());
    both.same(Rpc.RANGE, range("s/", "s0").setSerializable(true).build());
    both.same(Rpc.RANGE, range("zzz", "zzzz").build());
    both.same(Rpc.RANGE, range("zzz", "zzzz").setCountOnly(true).build());
    both.refused(Rpc.RANGE, get(""), GrpcCode.INVALID_ARGUMENT, "etcdserver: key is not provided");
    both.refused(
        Rpc.RANGE,
        range("", "").setRangeEnd(OPEN).build(),
        GrpcCode.INVALID_ARGUMENT,
        "etcdserver: key is not provided");
    both.same(Rpc.DELETE, delete("s"));
  }

  @ParameterizedTest
  @EnumSource
  void everyRevisionThatIsThereAndThoseThatAreNot(Transport transport) {
    both.over(transport);
    long first = writeSix();
    both.same(Rpc.DELETE, delete("s/f"));
    both.same(Rpc.PUT, put("s/f", "back"));
    long last = both.revision();
    for (long at = first - 1; at <= last; at++) {
      both.same(Rpc.RANGE, range("s/", "s0").setRevision(at).build());
      both.same(Rpc.RANGE, range("s/f", "").setRevision(at).build());
      both.same(
          Rpc.RANGE,
          range("s/", "s0")
              .setRevision(at)
              .setLimit(2)
              .setSortOrder(SortOrder.DESCEND)
              .setSortTarget(SortTarget.MOD)
              .build());
      both.same(Rpc.RANGE, range("s/", "s0").setRevision(at).setCountOnly(true).build());
    }
    both.same(Rpc.RANGE, range("s/", "s0").setRevision(-1).build()); // as good as none
    both.same(Rpc.RANGE, range("s/", "s0").setRevision(Long.MIN_VALUE).build());
    for (long future : new long[] {last + 1, last + 1000, Long.MAX_VALUE}) {
      both.refused(
          Rpc.RANGE,
          range("s/", "s0").setRevision(future).build(),
          GrpcCode.OUT_OF_RANGE,
          "etcdserver: mvcc: required revision is a future revision");
    }
    long compacted = first + 10;
    both.same(Rpc.COMPACT, compact(compacted));
    both.same(Rpc.RANGE, range("s/", "s0").setRevision(compacted).build());
    for (long gone : new long[] {1, first, compacted - 1}) {
      both.refused(
          Rpc.RANGE,
          range("s/", "s0").setRevision(gone).build(),
          GrpcCode.OUT_OF_RANGE,
          "etcdserver: mvcc: required revision has been compacted");
      both.refused(
          Rpc.RANGE,
          range("s/none", "").setRevision(gone).setSerializable(true).build(),
          GrpcCode.OUT_OF_RANGE,
          "etcdserver: mvcc: required revision has been compacted");
    }
  }

  @ParameterizedTest
  @EnumSource
  void sortOptionsThatDoNotExist(Transport transport) {
    both.over(transport);
    both.same(Rpc.PUT, put("s/a", "1"));
    both.nowRefused(
        Since34.UNKNOWN_SORT_OPTION,
        Rpc.RANGE,
        range("s/", "s0").setSortOrderValue(7).build(),
        GrpcCode.INVALID_ARGUMENT,
        "etcdserver: invalid sort option");
  }

  @ParameterizedTest
  @EnumSource
  void keysAndValuesOfAllBytes(Transport transport) {
    both.over(transport);
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    both.same(
        Rpc.PUT,
        put("bytes", "").toBuilder()
            .setValue(com.google.protobuf.ByteString.copyFrom(all))
            .build());
    both.same(
        Rpc.PUT,
        put("", "key of all bytes").toBuilder()
            .setKey(bytes("b").concat(com.google.protobuf.ByteString.copyFrom(all)))
            .build());
    both.same(Rpc.RANGE, range("b", "c").build());
  }
}
