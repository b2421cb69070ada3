package io.etcdj.state.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.api.etcdserverpb.Request;
import io.etcdj.state.v2.Outcome;
import io.etcdj.state.v2.V2Store;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.MemoryBackend;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class V2ApplierTest {
  private static final String[] METHODS = {"PUT", "POST", "DELETE", "GET", "QGET", "SYNC", "", "X"};
  private static final String[] PATHS = {
    "",
    "/",
    ".",
    "..",
    "/1",
    "/1/",
    "1/a",
    "/1/a/",
    "//1//a",
    "/1/./a",
    "/1/a/..",
    "/1/../0/x",
    "/0",
    "/0/members",
    "/2/users",
    "/1/a/b/c",
    "/1/_h",
    "/1/\0",
    "/1/ü😀"
  };

  private final Backend backend = new MemoryBackend();
  private final V2Store store = new V2Store(backend);
  private final V2Applier applier = new V2Applier(store);
  private long entry;

  private Outcome apply(Request.Builder request) {
    backend.begin();
    try {
      return applier.apply(request.setID(1).build());
    } finally {
      backend.end(++entry, 1);
    }
  }

  @Test
  void pathsThatAreNotCleanMeanTheCleanOnes() {
    apply(Commands.v2Request("PUT").setPath("1//a/./b/").setVal("x"));
    Outcome read = apply(Commands.v2Request("QGET").setPath("/1/a/b"));
    assertThat(Objects.requireNonNull(read.event()).node().key()).isEqualTo("/1/a/b");
  }

  @Test
  void aMethodThatNobodyKnowsIsAnAnswer() {
    assertThat(apply(Commands.v2Request("PATCH")).refusal()).hasMessageContaining("unknown method");
    assertThat(store.index()).isZero();
  }

  @Test
  void whateverIsInTheLogComesToAnAnswerAndTheSameOneEverywhere() {
    long seed = Long.getLong("seed", System.identityHashCode(this));
    Random random = new Random(seed);
    Backend otherBackend = new MemoryBackend();
    V2Store other = new V2Store(otherBackend);
    V2Applier otherApplier = new V2Applier(other);
    for (int i = 0; i < 5_000; i++) {
      Request.Builder request =
          Commands.v2Request(METHODS[random.nextInt(METHODS.length)])
              .setPath(PATHS[random.nextInt(PATHS.length)])
              .setVal(random.nextBoolean() ? "" : "v" + random.nextInt(3))
              .setDir(random.nextInt(4) == 0)
              .setRecursive(random.nextBoolean())
              .setRefresh(random.nextInt(5) == 0)
              .setPrevValue(random.nextInt(4) == 0 ? "v1" : "")
              .setPrevIndex(random.nextInt(4) == 0 ? random.nextLong() : 0)
              .setExpiration(random.nextInt(3) == 0 ? random.nextLong() : 0)
              .setTime(random.nextLong());
      if (random.nextInt(3) == 0) {
        request.setPrevExist(random.nextBoolean());
      }
      Outcome outcome = apply(request);
      otherBackend.begin();
      Outcome there = otherApplier.apply(request.build());
      otherBackend.end(entry, 1);
      assertThat(there.event()).as("replay with -Dseed=%s", seed).isEqualTo(outcome.event());
    }
    assertThat(other.contents()).as("replay with -Dseed=%s", seed).isEqualTo(store.contents());
    assertThat(new V2Store(backend).contents())
        .as("replay with -Dseed=%s", seed)
        .isEqualTo(store.contents());
  }
}
