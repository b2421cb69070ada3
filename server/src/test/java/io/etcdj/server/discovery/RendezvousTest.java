package io.etcdj.server.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.server.discovery.DiscoveryException.Reason;
import io.etcdj.server.log.Log;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a member meets the others, step by step; time passes only on paper. */
class RendezvousTest {
  private static final Registry.Entry SELF = new Registry.Entry("b", "b=http://10.0.0.2:2380");

  /** Entries in memory, with a script of what others do while this member waits. */
  private static class FakeRegistry implements Registry {
    final List<Entry> entries = new ArrayList<>();
    final Deque<Runnable> whileWaiting = new ArrayDeque<>();
    final List<Duration> pauses = new ArrayList<>();
    int size = 3;
    int failingReads;
    boolean answerToRegistrationIsLost;

    @Override
    public String address() {
      return "http://registry:2379";
    }

    @Override
    public String badUrlText() {
      return "discovery: invalid URL";
    }

    @Override
    public Listing read() throws IOException {
      if (failingReads-- > 0) {
        throw new IOException("connection refused");
      }
      return new Listing(size, entries, 7);
    }

    @Override
    public void register(Entry entry) throws IOException, DiscoveryException {
      if (entries.stream().anyMatch(known -> known.id().equals(entry.id()))) {
        throw new DiscoveryException(Reason.DUPLICATE_ID, "discovery: found duplicate id");
      }
      entries.add(entry);
      if (answerToRegistrationIsLost) {
        answerToRegistrationIsLost = false;
        throw new IOException("connection reset");
      }
    }

    @Override
    public void awaitChange(Listing since) throws IOException {
      Runnable next = whileWaiting.poll();
      if (next == null) {
        throw new AssertionError("it waits for ever at " + since);
      }
      try {
        next.run();
      } catch (IllegalStateException e) {
        throw new IOException(e);
      }
    }

    void comes(String id) {
      entries.add(new Entry(id, id + "=http://10.0.0." + (id.charAt(0) - 'a' + 1) + ":2380"));
    }

    String join() throws DiscoveryException, InterruptedException {
      return new Rendezvous(this, SELF, pauses::add, Log.discarding()).join().toString();
    }
  }

  private final FakeRegistry registry = new FakeRegistry();

  private void refused(Reason reason, String text) {
    assertThatThrownBy(registry::join)
        .isInstanceOf(DiscoveryException.class)
        .hasMessage(text)
        .extracting(e -> ((DiscoveryException) e).reason())
        .isEqualTo(reason);
  }

  @Test
  void itWaitsUntilAllHaveCome() throws Exception {
    registry.whileWaiting.add(() -> registry.comes("a"));
    registry.whileWaiting.add(() -> registry.comes("c"));

    assertThat(registry.join())
        .isEqualTo("a=http://10.0.0.1:2380,b=http://10.0.0.2:2380,c=http://10.0.0.3:2380");
    assertThat(registry.pauses).isEmpty();
  }

  @Test
  void theLastOneNeedNotWait() throws Exception {
    registry.comes("a");
    registry.comes("c");

    assertThat(registry.join()).contains("b=http://10.0.0.2:2380");
  }

  @Test
  void whoeverComesLateStaysOutsideAndDoesNotRegister() {
    registry.comes("a");
    registry.comes("c");
    registry.comes("d");

    refused(Reason.FULL, "discovery: cluster is full");
    assertThat(registry.entries).hasSize(3);
  }

  @Test
  void whoeverIsOvertakenWhileRegisteringStaysOutside() {
    FakeRegistry overtaking =
        new FakeRegistry() {
          @Override
          public void register(Entry entry) throws IOException, DiscoveryException {
            comes("d");
            super.register(entry);
          }
        };
    overtaking.comes("a");
    overtaking.comes("c");

    assertThatThrownBy(overtaking::join).hasMessage("discovery: cluster is full");
  }

  @Test
  void anEntryThatIsLateDoesNotBelongToTheCluster() throws Exception {
    registry.comes("a");
    registry.whileWaiting.add(
        () -> {
          registry.comes("c");
          registry.comes("d");
        });

    assertThat(registry.join()).doesNotContain("d=");
  }

  @Test
  void anEntryThatWasThereBeforeIsOfAnEarlierLife() {
    registry.entries.add(SELF);

    refused(Reason.DUPLICATE_ID, "discovery: found duplicate id");
  }

  @Test
  void anEntryWhoseAnswerWasLostIsItsOwn() throws Exception {
    registry.size = 1;
    registry.answerToRegistrationIsLost = true;

    assertThat(registry.join()).isEqualTo("b=http://10.0.0.2:2380");
    assertThat(registry.pauses).containsExactly(Duration.ofSeconds(2));
  }

  @Test
  void anEntryOfAnEarlierLifeIsNotTakenForALostAnswer() {
    FakeRegistry deaf =
        new FakeRegistry() {
          private boolean heard;

          @Override
          public void register(Entry entry) throws IOException, DiscoveryException {
            if (!heard) {
              heard = true;
              throw new IOException("connection refused");
            }
            super.register(entry);
          }
        };
    deaf.entries.add(SELF);

    assertThatThrownBy(deaf::join).hasMessage("discovery: found duplicate id");
  }

  @Test
  void twoOfOneNameAreNoCluster() {
    registry.size = 2;
    registry.entries.add(new Registry.Entry("a", "b=http://10.0.0.1:2380"));

    refused(Reason.DUPLICATE_NAME, "discovery: found duplicate name");
  }

  @Test
  void anEntryWithoutAUrlIsNoMember() {
    registry.size = 2;
    registry.entries.add(new Registry.Entry("a", "a=nowhere"));

    refused(Reason.OTHER, "discovery: invalid URL");
  }

  @Test
  void pausesDoubleUpToAPointAndBeginAnewAfterAnAnswer() throws Exception {
    registry.comes("a");
    registry.failingReads = 10;
    registry.whileWaiting.add(() -> registry.failingReads = 1);
    registry.whileWaiting.add(() -> registry.comes("c"));

    registry.join();

    List<Long> seconds = registry.pauses.stream().map(Duration::toSeconds).toList();
    assertThat(seconds).containsExactly(2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 256L, 256L, 2L, 1L);
  }

  @Test
  void aWaitThatFailsIsRepeated() throws Exception {
    registry.size = 2;
    registry.whileWaiting.add(
        () -> {
          registry.comes("a");
          throw new IllegalStateException("connection reset");
        });

    assertThat(registry.join()).contains("a=");
    assertThat(registry.pauses).containsExactly(Duration.ofSeconds(2));
  }

  @Test
  void wakingForNothingIsSlowedDown() throws Exception {
    registry.size = 2;
    registry.whileWaiting.add(() -> {});
    registry.whileWaiting.add(() -> registry.comes("a"));

    registry.join();

    assertThat(registry.pauses).containsExactly(Duration.ofSeconds(1));
  }

  @Test
  void anEntryThatIsTakenBackMakesRoom() throws Exception {
    registry.comes("a");
    registry.whileWaiting.add(() -> registry.entries.remove(0));
    registry.whileWaiting.add(() -> registry.comes("c"));
    registry.whileWaiting.add(() -> registry.comes("d"));

    assertThat(registry.join()).doesNotContain("a=").contains("c=", "d=");
  }
}
