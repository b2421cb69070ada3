package io.etcdj.server.member;

import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Message;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Drives a {@link MemberLoop} in a process.
 *
 * <p>Each turn takes the messages and all proposals that wait, as one batch with one fsync, and the
 * tasks that came; so the more is asked at once, the less each costs.
 *
 * <p>Waking a thread costs more than most messages. When nothing waits and no turn is on, whoever
 * brings a few small messages has them stepped at once, and what follows from them done; but
 * proposals that need this member's disk are left to its own thread, for those who make them serve
 * others meanwhile. One thread at a time {@link #busy holds} the loop.
 */
public final class MemberThread implements AutoCloseable {
  /** Entries in messages that come at once: more of them are not written by who brings them. */
  private static final int FEW_BYTES = 16 << 10;

  /** How long to stay away while another thread is in the loop. */
  private static final long BUSY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final MemberLoop loop;
  private final long tickNanos;
  private final Consumer<Throwable> fatal;
  private final ProposalQueue proposals;
  private final Inbox inbox;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean wakeRequested = new AtomicBoolean();

  /** Whether some thread is in the loop. */
  private final AtomicBoolean busy = new AtomicBoolean();

  private final Thread thread;

  /** Whether proposals go to another member, which takes no disk; as of the last turn. */
  private volatile boolean forwards;

  private volatile boolean started;
  private volatile boolean stopping;
  private volatile boolean failed;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile long lastTickNanos;

  /**
   * @param tickMillis length of a tick
   * @param patienceMillis how long a proposal may wait before it is dropped; whoever made it has
   *     given up by then
   * @param lags whether much is committed that is not yet applied; then entries have to wait
   * @param fatal told once why the loop ended if it was not closed; the member must stop then
   */
  public MemberThread(
      MemberLoop loop,
      long tickMillis,
      long patienceMillis,
      BooleanSupplier lags,
      Consumer<Throwable> fatal) {
    this.loop = loop;
    this.tickNanos = TimeUnit.MILLISECONDS.toNanos(tickMillis);
    this.proposals = new ProposalQueue(TimeUnit.MILLISECONDS.toNanos(patienceMillis));
    this.inbox = new Inbox(lags);
    this.fatal = fatal;
    this.lastTickNanos = System.nanoTime();
    this.thread = new Thread(this::run, "etcdj-member");
    thread.setDaemon(true);
  }

  public void start() {
    started = true;
    thread.start();
  }

  /** Proposes an entry, of which type and data count. Any thread. It may get lost. */
  public void propose(Entry entry) {
    if (forwards && atOnce(Disk.ASIDE, () -> loop.propose(List.of(entry)))) {
      return;
    }
    proposals.add(entry);
    wake();
  }

  /**
   * Takes messages from other members that came at once. Any thread that may wait for the disk.
   * Dropped when too many wait.
   */
  public void receive(List<Message> messages) {
    if (areQuick(messages) && atOnce(Disk.WRITTEN, () -> step(messages))) {
      return;
    }
    messages.forEach(inbox::add);
    wake();
  }

  private boolean step(List<Message> messages) {
    for (Message message : messages) {
      if (inbox.mustWait(message)) {
        return false;
      }
    }
    messages.forEach(loop::step);
    return true;
  }

  /** What goes to and fro all the time, with few entries. */
  private static boolean areQuick(List<Message> messages) {
    long bytes = 0;
    for (Message message : messages) {
      switch (message.getType()) {
        case MsgApp -> bytes += Inbox.bytes(message);
        case MsgHeartbeat, MsgHeartbeatResp, MsgAppResp, MsgReadIndex, MsgReadIndexResp -> {}
        default -> {
          return false;
        }
      }
    }
    return bytes <= FEW_BYTES;
  }

  /** Runs a task between two turns, in order. Any thread. */
  public void execute(Runnable task) {
    tasks.add(task);
    wake();
  }

  /** Runs a short task that leaves the disk alone, now if nothing else goes on. Any thread. */
  public void executeQuick(Runnable task) {
    boolean done =
        atOnce(
            Disk.ASIDE,
            () -> {
              task.run();
              return true;
            });
    if (!done) {
      execute(task);
    }
  }

  /** What becomes of that which follows and needs the disk. */
  private enum Disk {
    WRITTEN,
    /** Left to the member's own thread. */
    ASIDE
  }

  /** Does some work and what follows from it; false if it did not, and has to wait for its turn. */
  private boolean atOnce(Disk disk, BooleanSupplier work) {
    if (!started || !busy.compareAndSet(false, true)) {
      return false;
    }
    boolean rest = false;
    try {
      if (stopping || somethingWaits() || tickIsDue() || !work.getAsBoolean()) {
        return false;
      }
      if (disk == Disk.WRITTEN) {
        loop.process();
      } else {
        rest = !loop.processWithoutDisk();
      }
      return true;
    } catch (IOException | RuntimeException | Error e) {
      fail(e);
      return true;
    } finally {
      rest |= proposals.hasRefused(); // there may be a leader now
      busy.set(false);
      if (rest || somethingWaits()) {
        wake(); // the thread may have come while the loop was busy
      }
    }
  }

  /** Then the thread must get in: whoever comes without a pause would keep it out. */
  private boolean tickIsDue() {
    return System.nanoTime() - lastTickNanos >= tickNanos;
  }

  private boolean somethingWaits() {
    return !tasks.isEmpty() || !inbox.isEmpty() || !proposals.isEmpty();
  }

  private void fail(Throwable cause) {
    failed = true;
    stopping = true; // nobody may step the core again
    fatal.accept(cause);
  }

  /** When the loop last ticked, as {@link System#nanoTime}; old when the process was paused. */
  public long lastTickNanos() {
    return lastTickNanos;
  }

  private void wake() {
    if (wakeRequested.compareAndSet(false, true)) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    while (!stopping) {
      wakeRequested.set(false);
      boolean more = false;
      long leastWaitNanos = 0;
      if (busy.compareAndSet(false, true)) {
        try {
          more = !stopping && turn(); // a failure may have come in between
        } catch (IOException | RuntimeException | Error e) {
          fail(e);
        } finally {
          busy.set(false);
        }
      } else {
        leastWaitNanos = BUSY_NANOS; // a tick may be due, but there may be a disk to wait for
      }
      if (!more && !wakeRequested.get()) {
        long waitNanos = lastTickNanos + tickNanos - System.nanoTime();
        waitNanos = Math.max(waitNanos, leastWaitNanos);
        if (waitNanos > 0) {
          LockSupport.parkNanos(this, waitNanos);
        }
      }
    }
  }

  /** Takes what waits and carries out what follows; returns whether there is more already. */
  private boolean turn() throws IOException {
    runTasks();
    inbox.passTo(loop::step);
    tickIfDue();
    boolean more = proposals.passTo(loop::propose);
    loop.process();
    boolean follows = !loop.core().isLeader();
    if (forwards != follows) {
      forwards = follows;
    }
    return more;
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private void tickIfDue() throws IOException {
    if (!tickIsDue()) {
      return;
    }
    long now = System.nanoTime();
    // After a pause, time has passed only once: many ticks at once would start an election that
    // nobody needs.
    lastTickNanos = now - lastTickNanos < 2 * tickNanos ? lastTickNanos + tickNanos : now;
    loop.tick();
  }

  /** Stops the loop after its current turn and waits for that. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    stopping = true;
    wake();
    if (Thread.currentThread() != thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    while (!busy.compareAndSet(false, true)) {
      LockSupport.parkNanos(BUSY_NANOS); // a few small messages are being stepped
    }
    if (started && !failed) {
      try {
        loop.saveCommit();
      } catch (IOException e) {
        // What it would have said is learned anew at the next start.
      }
    }
  }
}
