package io.etcdj.server.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who steps what, and that nobody steps at the same time as another. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MemberThreadTest {
  private static final long NEVER_MILLIS = TimeUnit.HOURS.toMillis(1);

  private static final ByteString OLD = ByteString.copyFromUtf8("old");
  private static final ByteString NEW = ByteString.copyFromUtf8("new");
  private static final ByteString MEBIBYTE = ByteString.copyFrom(new byte[1 << 20]);

  private final TestFollower follower = new TestFollower();
  private final AtomicBoolean lags = new AtomicBoolean();
  private final List<Throwable> faults = new CopyOnWriteArrayList<>();
  private final MemberThread member =
      new MemberThread(follower.loop, NEVER_MILLIS, NEVER_MILLIS, lags::get, faults::add);

  @AfterEach
  void stop() {
    member.close();
    assertThat(faults).isEmpty();
  }

  @Test
  void aHeartbeatIsAnsweredOnTheThreadThatBringsItOnceTheOtherSleeps() {
    member.start();
    untilDoneHere(follower.senders, () -> member.receive(List.of(TestFollower.heartbeat(1))));
    assertThat(follower.sent)
        .extracting(Message::getType)
        .containsOnly(MessageType.MsgHeartbeatResp);
  }

  @Test
  void aFewEntriesAreWrittenTogetherByTheThreadThatBringsThemOnceTheOtherSleeps() {
    member.start();
    AtomicLong last = new AtomicLong(1);
    untilDoneHere(
        follower.writers,
        () -> {
          long index = last.getAndAdd(2) + 1;
          member.receive(
              List.of(TestFollower.append(index, 1), TestFollower.append(index + 1, index)));
        });
    assertThat(follower.writes).last().asString().startsWith("2 entries");
    assertThat(follower.sent).last().extracting(Message::getIndex).isEqualTo(last.get());
  }

  @Test
  void manyEntriesAreLeftToItsOwnThread() {
    member.start();
    List<Message> many = new ArrayList<>();
    for (int i = 2; i < 100; i++) {
      many.add(TestFollower.append(i, 1));
    }
    member.receive(many);
    await(() -> !follower.writers.isEmpty());
    assertThat(follower.writers).doesNotContain(Thread.currentThread());
  }

  @Test
  void itTicksWhileAnotherThreadIsHardlyEverOutOfTheLoop() throws InterruptedException {
    MemberThread fast = new MemberThread(follower.loop, 1, NEVER_MILLIS, lags::get, faults::add);
    fast.start();
    AtomicBoolean enough = new AtomicBoolean();
    Thread hog =
        new Thread(
            () -> {
              while (!enough.get()) {
                long until = System.nanoTime() + 3_000_000;
                AtomicBoolean done = new AtomicBoolean();
                fast.executeQuick(
                    () -> {
                      await(() -> System.nanoTime() - until > 0);
                      done.set(true);
                    });
                await(done::get);
              }
            });
    hog.start();
    long begin = System.nanoTime();
    await(() -> fast.lastTickNanos() - begin > 100_000_000);
    assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(10));
    enough.set(true);
    hog.join();
    fast.close();
  }

  @Test
  void itTicksBehindAThreadThatWaitsForTheDisk() {
    MemberThread fast = new MemberThread(follower.loop, 1, NEVER_MILLIS, lags::get, faults::add);
    fast.start();
    long before = fast.lastTickNanos();
    fast.executeQuick(() -> await(() -> System.nanoTime() - before > 20_000_000));
    await(() -> fast.lastTickNanos() > before + 20_000_000);
    fast.close();
  }

  @Test
  void aFollowersProposalGoesToTheLeaderFromTheThreadThatMakesItOnceTheOtherSleeps() {
    member.start();
    member.receive(List.of(TestFollower.heartbeat(1)));
    await(() -> !follower.sent.isEmpty());
    follower.senders.clear();
    untilDoneHere(follower.senders, () -> member.propose(Entry.getDefaultInstance()));
    assertThat(follower.sent).last().extracting(Message::getType).isEqualTo(MessageType.MsgProp);
  }

  @Test
  void aProposalWhoseCallerHasGivenUpIsNotMadeAnyMore() {
    MemberThread hasty = new MemberThread(follower.loop, NEVER_MILLIS, 1, lags::get, faults::add);
    hasty.start();
    hasty.propose(entry(OLD));
    long givenUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2);
    await(() -> System.nanoTime() > givenUp);
    hasty.receive(List.of(TestFollower.heartbeat(1))); // now a leader is known
    await(
        () -> {
          hasty.propose(entry(NEW));
          return !proposed().isEmpty();
        });
    assertThat(proposed()).doesNotContain(OLD);
    hasty.close();
  }

  @Test
  void whatNobodyTakesDoesNotFillTheMemory() {
    for (int i = 0; i < 1_000; i++) {
      member.propose(entry(MEBIBYTE));
    }
    member.start();
    member.receive(List.of(TestFollower.heartbeat(1)));
    await(
        () -> {
          member.propose(entry(NEW));
          return proposed().contains(NEW);
        });
    assertThat(proposed().stream().filter(MEBIBYTE::equals)).hasSizeBetween(1, 256);
  }

  @Test
  void entriesWaitInTheirOrderWhileMuchIsNotYetApplied() {
    lags.set(true);
    member.start();
    member.receive(List.of(TestFollower.append(2, 1)));
    member.receive(List.of(TestFollower.append(3, 2)));
    awaitAnswerToAHeartbeat();
    assertThat(follower.writes).isEmpty();
    lags.set(false);
    member.receive(List.of(TestFollower.append(4, 3)));
    await(() -> follower.committed.contains(3L));
    assertThat(follower.sent)
        .filteredOn(message -> message.getType() == MessageType.MsgAppResp)
        .extracting(Message::getIndex, Message::getReject)
        .last()
        .isEqualTo(tuple(4L, false));
    assertThat(follower.sent).noneMatch(Message::getReject);
  }

  @Test
  void whatWaitsIsTakenAtTheNextTick() {
    lags.set(true);
    MemberThread fast = new MemberThread(follower.loop, 1, NEVER_MILLIS, lags::get, faults::add);
    fast.start();
    fast.receive(List.of(TestFollower.append(2, 2)));
    long held = System.nanoTime();
    await(() -> fast.lastTickNanos() > held);
    assertThat(follower.committed).isEmpty();
    lags.set(false);
    await(() -> follower.committed.contains(2L));
    fast.close();
  }

  @Test
  void whatALeaderTriesAgainAndAgainDoesNotFillTheMemory() {
    lags.set(true);
    member.start();
    for (int i = 0; i < 1_000; i++) {
      member.receive(List.of(large(2, 1)));
    }
    for (int i = 3; i < 1_000; i++) {
      member.receive(List.of(large(i, 1)));
    }
    awaitAnswerToAHeartbeat();
    lags.set(false);
    member.receive(List.of(TestFollower.heartbeat(1)));
    await(() -> follower.writes.stream().anyMatch(write -> write.contains("entries")));
    assertThat(follower.log.lastIndex()).isBetween(2L, 33L);
  }

  @Test
  void whatAFormerLeaderSentIsDropped() {
    lags.set(true);
    member.start();
    member.receive(List.of(TestFollower.append(2, 1)));
    awaitAnswerToAHeartbeat();
    follower.sent.clear();
    member.receive(List.of(TestFollower.heartbeat(1).toBuilder().setTerm(9).build()));
    await(() -> !follower.sent.isEmpty());
    lags.set(false);
    awaitAnswerToAHeartbeat(9);
    assertThat(follower.sent).noneMatch(m -> m.getType() == MessageType.MsgAppResp);
  }

  /** An entry of a mebibyte. */
  private static Message large(long index, long commit) {
    Message append = TestFollower.append(index, commit);
    return append.toBuilder()
        .setEntries(0, append.getEntries(0).toBuilder().setData(MEBIBYTE))
        .build();
  }

  private void awaitAnswerToAHeartbeat(long term) {
    follower.sent.clear();
    member.receive(List.of(TestFollower.heartbeat(1).toBuilder().setTerm(term).build()));
    await(() -> !follower.sent.isEmpty());
  }

  private void awaitAnswerToAHeartbeat() {
    follower.sent.clear();
    member.receive(List.of(TestFollower.heartbeat(1)));
    await(() -> !follower.sent.isEmpty());
  }

  private static Entry entry(ByteString data) {
    return Entry.newBuilder().setData(data).build();
  }

  /** The data of all entries that were passed on to the leader. */
  private List<ByteString> proposed() {
    return follower.sent.stream()
        .filter(message -> message.getType() == MessageType.MsgProp)
        .flatMap(message -> message.getEntriesList().stream())
        .map(Entry::getData)
        .toList();
  }

  @Test
  void nothingIsSteppedBeforeTheStartNorAfterTheEnd() {
    member.receive(List.of(TestFollower.heartbeat(1)));
    assertThat(follower.sent).isEmpty();
    member.start();
    await(() -> follower.sent.size() == 1);
    member.close();
    member.receive(List.of(TestFollower.heartbeat(1)));
    assertThat(follower.sent).hasSize(1);
  }

  @Test
  void aFaultOnWhicheverThreadEndsItOnce() {
    member.start();
    IllegalStateException fault = new IllegalStateException("out of order");
    member.executeQuick(
        () -> {
          throw fault;
        });
    await(() -> !faults.isEmpty()); // its own thread may still be in its first turn
    member.close();
    member.receive(List.of(TestFollower.heartbeat(1)));
    assertThat(follower.sent).isEmpty();
    assertThat(faults).containsExactly(fault);
    faults.clear();
  }

  @Test
  void manyThreadsBringEverythingOneAtATime() throws InterruptedException {
    member.start();
    int threads = 4;
    int each = 5_000;
    CountDownLatch done = new CountDownLatch(threads);
    List<Thread> all = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      boolean appends = t == 0;
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < each; i++) {
                  if (appends) {
                    member.receive(List.of(TestFollower.append(i + 2, i + 1)));
                  } else if (i % 3 == 0) {
                    member.executeQuick(() -> {});
                  } else {
                    member.receive(List.of(TestFollower.heartbeat(1)));
                  }
                }
                done.countDown();
              });
      all.add(thread);
      thread.start();
    }
    done.await();
    for (Thread thread : all) {
      thread.join();
    }
    member.receive(List.of(TestFollower.heartbeat(each + 1)));
    await(() -> follower.committed.size() >= each || !faults.isEmpty());
    assertThat(faults).isEmpty();
    assertThat(follower.committed).hasSize(each).isSorted().last().isEqualTo(each + 1L);
  }

  /**
   * Brings something, again when the member's own thread did it and has gone to sleep, until it was
   * done here.
   *
   * @param by notes who did it, once each time
   */
  private static void untilDoneHere(List<Thread> by, Runnable something) {
    Thread here = Thread.currentThread();
    while (!by.contains(here)) {
      int before = by.size();
      something.run();
      await(() -> by.size() > before);
      Thread last = by.get(before);
      await(() -> last == here || last.getState() == Thread.State.TIMED_WAITING);
    }
  }

  private static void await(BooleanSupplier wanted) {
    while (!wanted.getAsBoolean()) {
      if (Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException("it takes too long");
      }
      Thread.onSpinWait();
    }
  }
}
