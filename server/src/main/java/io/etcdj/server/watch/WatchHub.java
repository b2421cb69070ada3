package io.etcdj.server.watch;

import io.etcdj.api.etcdserverpb.WatchRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.server.front.rpc.Completions;
import io.etcdj.server.front.rpc.EncodedMessage;
import io.etcdj.server.front.rpc.RequestObserver;
import io.etcdj.state.apply.Headers;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.state.watch.Events;
import io.etcdj.state.watch.History;
import io.etcdj.state.watch.Watcher;
import io.etcdj.state.watch.Watchers;
import io.etcdj.storage.backend.BackendCorruptException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings changes to watch streams.
 *
 * <p>The live thread owns every watcher but those that it handed to the history thread; a watcher
 * comes back from there with its {@code next} moved on. A stream whose client reads slowly has its
 * watchers handed to history, which waits until the stream has room; so a slow client costs no
 * memory beyond what its own connection holds, and delays nobody.
 */
public final class WatchHub implements AutoCloseable {
  private static final Logger LOG = System.getLogger("io.etcdj.server.watch");

  /** Watchers that one scan of history serves. */
  private static final int HISTORY_BATCH = 512;

  /** Changes that may wait for the live thread. */
  private static final long MAX_BACKLOG_BYTES = 32 << 20;

  /** How long the history thread waits when every watcher that is behind has a full stream. */
  private static final long HISTORY_PAUSE_MILLIS = 20;

  private final MvccStore store;
  private final Headers headers;
  private final History history;
  private final Watchers live;
  private final LinkedBlockingQueue<Runnable> liveTasks = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<Watcher> historyQueue = new LinkedBlockingQueue<>();
  private final Thread liveThread;
  private final Thread historyThread;
  private final Consumer<Throwable> fatal;
  private final Backlog backlog = new Backlog();
  private volatile boolean stopping;

  /** What waits for the live thread; guarded by itself. */
  private static final class Backlog {
    private long bytes;
    private boolean leftOut;
    private long leftOutUntil;

    /** The newest revision that nobody was there to watch. */
    private long unwatched;
  }

  /** The newest revision that live watchers were given; owned by the live thread. */
  private long dispatched;

  /** Watchers that history holds and that are to end; owned by the live thread. */
  private final Set<Watcher> cancelWhenBack = new LinkedHashSet<>();

  private final Set<WatchStream> streams = ConcurrentHashMap.newKeySet();
  private final AtomicInteger watchers = new AtomicInteger();
  private final AtomicInteger slowWatchers = new AtomicInteger();
  private final LongAdder deliveredEvents = new LongAdder();

  /**
   * @param fragmentBytes size beyond which responses are split for watchers that ask for it
   * @param fatal told when a thread here ends by a fault
   */
  public WatchHub(MvccStore store, Headers headers, int fragmentBytes, Consumer<Throwable> fatal) {
    this.store = store;
    this.headers = headers;
    this.history = new History(store, headers, fragmentBytes);
    this.live = new Watchers(fragmentBytes);
    this.fatal = fatal;
    this.dispatched = store.revision();
    this.liveThread = thread("etcdj-watch", this::runLive);
    this.historyThread = thread("etcdj-watch-history", this::runHistory);
  }

  private static Thread thread(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    return thread;
  }

  public void start() {
    liveThread.start();
    historyThread.start();
  }

  /** Watchers of all streams. */
  public int watchers() {
    return watchers.get();
  }

  /** Watchers that are behind. */
  public int slowWatchers() {
    return slowWatchers.get();
  }

  public long deliveredEvents() {
    return deliveredEvents.sum();
  }

  /**
   * Takes what was applied, in order; on the apply thread. When the live thread cannot keep up, it
   * takes nothing more until that has come by: all watchers read what was left out from history.
   * While there is no watcher, the live thread sleeps on.
   */
  public void changed(List<Change> changes, long revision) {
    long bytes;
    synchronized (backlog) {
      if (watchers.get() == 0) {
        backlog.unwatched = revision;
        return;
      }
      bytes = bytes(changes);
      if (backlog.leftOut || backlog.bytes > MAX_BACKLOG_BYTES) {
        leaveOut(revision);
        return;
      }
      backlog.bytes += bytes;
    }
    long taken = bytes;
    liveTasks.add(
        () -> {
          synchronized (backlog) {
            backlog.bytes -= taken;
          }
          dispatch(changes, revision);
        });
  }

  private static long bytes(List<Change> changes) {
    long bytes = 0;
    for (Change change : changes) {
      bytes += change.key().length + change.keyValue().length;
    }
    return bytes;
  }

  /**
   * The store was replaced by a snapshot's content, which ends at {@code revision}; on the apply
   * thread. All watchers read what happened meanwhile from history.
   */
  public void replaced(long revision) {
    synchronized (backlog) {
      leaveOut(revision);
    }
  }

  /** Guarded by the backlog. */
  private void leaveOut(long until) {
    backlog.leftOutUntil = until;
    if (!backlog.leftOut) {
      backlog.leftOut = true;
      liveTasks.add(this::skipLeftOut);
    }
  }

  private void skipLeftOut() {
    long until;
    synchronized (backlog) {
      backlog.leftOut = false;
      until = backlog.leftOutUntil;
    }
    long next = dispatched() + 1;
    for (Watcher watcher : live.removeAll()) {
      watcher.advanceTo(next);
      toHistory(watcher);
    }
    dispatched = Math.max(dispatched, until);
  }

  /**
   * Starts a watcher. Its stream is told that it is created before it gets any event.
   *
   * @param watcher with {@link WatchStream} as owner
   */
  void create(Watcher watcher) {
    watchers.incrementAndGet();
    liveTasks.add(() -> admit(watcher));
  }

  /** Ends a watcher; its stream is told when nothing more will come for it. */
  void cancel(Watcher watcher) {
    liveTasks.add(
        () -> {
          if (live.remove(watcher)) {
            ended(watcher);
          } else if (stream(watcher).isBehind(watcher)) {
            cancelWhenBack.add(watcher);
          } // else it has ended by itself
        });
  }

  /** Opens a watch stream for a call. */
  public RequestObserver<WatchRequest> open(Call<WatchRequest, WatchResponse> call) {
    return new WatchStream(call, this, store, headers);
  }

  void opened(WatchStream stream) {
    streams.add(stream);
  }

  void closed(WatchStream stream) {
    streams.remove(stream);
  }

  /** Open streams. */
  public int streams() {
    return streams.size();
  }

  /**
   * Lets watchers that asked for it and have been quiet for so long know how far they are; to be
   * called several times as often.
   */
  public void tellQuiet(long millis) {
    long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
    liveTasks.add(() -> streams.forEach(stream -> stream.tellQuiet(nanos)));
  }

  /** Runs on the live thread, behind everything that was applied before; for progress requests. */
  void execute(Runnable task) {
    liveTasks.add(task);
  }

  /** The newest revision that every live watcher was given; for the live thread. */
  long dispatched() {
    synchronized (backlog) {
      dispatched = Math.max(dispatched, backlog.unwatched);
    }
    return dispatched;
  }

  /** Whether a watcher was given everything up to {@link #dispatched}; for the live thread. */
  boolean isLive(Watcher watcher) {
    return live.contains(watcher);
  }

  private static WatchStream stream(Watcher watcher) {
    return (WatchStream) watcher.owner();
  }

  private void admit(Watcher watcher) {
    if (watcher.next() > dispatched()) {
      live.add(watcher);
    } else {
      toHistory(watcher);
    }
  }

  private void toHistory(Watcher watcher) {
    stream(watcher).setBehind(watcher, true);
    slowWatchers.incrementAndGet();
    historyQueue.add(watcher);
  }

  private void ended(Watcher watcher) {
    watchers.decrementAndGet();
    stream(watcher).canceled(watcher);
  }

  /** A watcher's events cannot be read: it ends, rather than pass over them or bring all down. */
  private void endDamaged(Watcher watcher, BackendCorruptException damage) {
    LOG.log(Level.ERROR, "a watcher's events cannot be read", damage);
    watchers.decrementAndGet();
    stream(watcher).damaged(watcher);
  }

  private void dispatch(List<Change> changes, long revision) {
    Batch batch = new Batch();
    long first = changes.get(0).main();
    if (live.size() > 0) {
      live.dispatch(
          changes,
          headers.at(revision),
          store::snapshot,
          new Watchers.Delivery() {
            @Override
            public boolean deliver(Watcher watcher, Events events) {
              boolean taken = batch.deliver(watcher, events);
              if (!taken) {
                live.remove(watcher);
                watcher.advanceTo(first);
                toHistory(watcher);
              }
              return taken;
            }

            @Override
            public void unreadable(Watcher watcher, BackendCorruptException damage) {
              live.remove(watcher);
              endDamaged(watcher, damage);
            }
          });
    }
    dispatched = Math.max(dispatched, revision);
    batch.flush();
  }

  /** Deliveries of one thread and batch; frames are made once for watchers with equal ids. */
  private final class Batch implements Watchers.Delivery {
    private final Completions completions = new Completions();
    private @Nullable Events framed;
    private long framedId;
    private List<EncodedMessage<WatchResponse>> frames = List.of();

    /** Watchers whose events cannot be read, and why. */
    private final Map<Watcher, BackendCorruptException> damaged = new LinkedHashMap<>();

    @Override
    @SuppressWarnings("ReferenceEquality") // the same events are told by being the same object
    public boolean deliver(Watcher watcher, Events events) {
      if (stream(watcher).isFull()) {
        return false;
      }
      if (framed != events || framedId != watcher.id()) {
        framed = events;
        framedId = watcher.id();
        frames = frames(events, watcher.id());
      }
      deliveredEvents.add(events.count());
      stream(watcher).deliver(watcher, frames, completions);
      return true;
    }

    @Override
    public void unreadable(Watcher watcher, BackendCorruptException damage) {
      damaged.put(watcher, damage);
    }

    void flush() {
      completions.flush();
    }
  }

  private static List<EncodedMessage<WatchResponse>> frames(Events events, long watchId) {
    byte[] suffix = Events.suffix(watchId);
    List<EncodedMessage<WatchResponse>> frames = new ArrayList<>(events.parts().size());
    for (byte[] part : events.parts()) {
      frames.add(EncodedMessage.ofEncoded(WatchResponse.parser(), part, suffix));
    }
    return frames;
  }

  private void runLive() {
    guarded(
        () -> {
          while (!stopping) {
            liveTasks.take().run();
          }
        });
  }

  private interface Body {
    void run() throws InterruptedException;
  }

  private void guarded(Body body) {
    try {
      body.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    } catch (RuntimeException | Error e) {
      if (!stopping) {
        fatal.accept(e);
      }
    }
  }

  private void runHistory() {
    guarded(
        () -> {
          List<Watcher> behind = new ArrayList<>();
          while (!stopping) {
            if (behind.isEmpty()) {
              behind.add(historyQueue.take());
            }
            historyQueue.drainTo(behind);
            List<Watcher> ready = takeReady(behind);
            if (ready.isEmpty()) {
              Watcher more = historyQueue.poll(HISTORY_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
              if (more != null) {
                behind.add(more);
              }
            } else {
              serve(ready);
            }
          }
        });
  }

  /** Takes watchers out of the list whose streams have room, or have ended. */
  private static List<Watcher> takeReady(List<Watcher> behind) {
    List<Watcher> ready = new ArrayList<>();
    Iterator<Watcher> all = behind.iterator();
    while (all.hasNext() && ready.size() < HISTORY_BATCH) {
      Watcher watcher = all.next();
      if (!stream(watcher).isFull()) {
        all.remove();
        ready.add(watcher);
      }
    }
    return ready;
  }

  private void serve(List<Watcher> ready) {
    List<Watcher> open = new ArrayList<>(ready);
    open.removeIf(watcher -> stream(watcher).isClosed());
    Batch batch = new Batch();
    List<Watcher> compacted = new ArrayList<>();
    readHistory(open, batch, compacted);
    // In one task: a client that has got all its events and asks how far the server is must find
    // its
    // watchers up to date, as a request for progress is not answered while one of them is behind.
    liveTasks.add(
        () -> {
          batch.flush();
          comeBack(ready, compacted, batch.damaged);
        });
  }

  private void readHistory(List<Watcher> open, Batch batch, List<Watcher> compacted) {
    try {
      if (!open.isEmpty()) {
        compacted.addAll(history.read(open, batch));
      }
    } catch (BackendCorruptException damage) {
      if (open.size() == 1) {
        batch.unreadable(open.get(0), damage);
      } else {
        // A row in the way of some of them: each by itself, so that the others are served.
        open.forEach(watcher -> readHistory(List.of(watcher), batch, compacted));
      }
    }
  }

  /** Takes over from the history thread. */
  private void comeBack(
      List<Watcher> returned,
      List<Watcher> compacted,
      Map<Watcher, BackendCorruptException> damaged) {
    for (Watcher watcher : returned) {
      BackendCorruptException damage = damaged.get(watcher);
      slowWatchers.decrementAndGet();
      stream(watcher).setBehind(watcher, false);
      if (cancelWhenBack.remove(watcher) || stream(watcher).isClosed()) {
        ended(watcher);
      } else if (compacted.contains(watcher)) {
        watchers.decrementAndGet();
        stream(watcher).compacted(watcher, store.compactRevision());
      } else if (damage != null) {
        endDamaged(watcher, damage);
      } else {
        admit(watcher);
      }
    }
  }

  /** A response without events that says how far this member's watchers are. */
  WatchResponse progress(long watchId) {
    return WatchResponse.newBuilder()
        .setHeader(headers.at(dispatched()))
        .setWatchId(watchId)
        .build();
  }

  @Override
  public void close() {
    stopping = true;
    liveThread.interrupt();
    historyThread.interrupt();
    for (Thread thread : List.of(liveThread, historyThread)) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
