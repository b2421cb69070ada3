package io.etcdj.state.v2;

import java.util.EnumMap;
import java.util.Map;

/** What was asked of this member's store since it started. Guarded by its store. */
final class V2Stats {

  /** What is counted, by etcd's names, in etcd's order. */
  enum Counter {
    GETS_SUCCESS("getsSuccess"),
    GETS_FAIL("getsFail"),
    SETS_SUCCESS("setsSuccess"),
    SETS_FAIL("setsFail"),
    DELETE_SUCCESS("deleteSuccess"),
    DELETE_FAIL("deleteFail"),
    UPDATE_SUCCESS("updateSuccess"),
    UPDATE_FAIL("updateFail"),
    CREATE_SUCCESS("createSuccess"),
    CREATE_FAIL("createFail"),
    COMPARE_AND_SWAP_SUCCESS("compareAndSwapSuccess"),
    COMPARE_AND_SWAP_FAIL("compareAndSwapFail"),
    COMPARE_AND_DELETE_SUCCESS("compareAndDeleteSuccess"),
    COMPARE_AND_DELETE_FAIL("compareAndDeleteFail"),
    EXPIRE_COUNT("expireCount");

    private final String word;

    Counter(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  private final EnumMap<Counter, Long> counts = new EnumMap<>(Counter.class);

  void count(Counter counter) {
    counts.merge(counter, 1L, Long::sum);
  }

  /** Adds all counts by their names. */
  void addTo(Map<String, Long> all) {
    for (Counter counter : Counter.values()) {
      all.put(counter.word(), counts.getOrDefault(counter, 0L));
    }
  }
}
