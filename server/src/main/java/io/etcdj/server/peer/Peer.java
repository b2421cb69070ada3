package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import io.etcdj.server.metrics.Counter;
import io.etcdj.server.text.EtcdUrl;
import io.vertx.core.Context;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A member of the configuration: all channels to and from it. Any thread. */
final class Peer extends Remote implements StreamWriter.Listener {
  private final Map<StreamKind, StreamReader> readers = new EnumMap<>(StreamKind.class);
  private final List<Prober> probers;
  private final Counter receivedBytes;

  /** The streams that it has open to us. */
  private volatile @Nullable StreamWriter msgApp;

  private volatile @Nullable StreamWriter message;

  /** The last acknowledgement that was sent to it by stream, unless it waits for another. */
  private volatile @Nullable Message acknowledged;

  private boolean stopped;

  Peer(long id, List<EtcdUrl> urls, PeerEnvironment environment, Context loop) {
    super(id, urls, environment, loop);
    receivedBytes = environment.metrics().receivedBytes.with(hex());
    for (StreamKind kind : StreamKind.values()) {
      readers.put(kind, new StreamReader(kind, this, environment, loop));
    }
    probers =
        List.of(
            new Prober("ROUND_TRIPPER_SNAPSHOT", this, environment, loop),
            new Prober("ROUND_TRIPPER_RAFT_MESSAGE", this, environment, loop));
  }

  void start() {
    environment.log().info("starting remote peer", "remote-peer-id", hex());
    readers.values().forEach(StreamReader::start);
    probers.forEach(Prober::start);
    environment.log().info("started remote peer", "remote-peer-id", hex());
  }

  void received(long bytes) {
    receivedBytes.add(bytes);
  }

  /** The member has opened a stream to us. If it had one before, that is of no use any more. */
  void attach(StreamWriter fresh) {
    StreamWriter old;
    synchronized (this) {
      if (stopped) {
        fresh.close();
        return;
      }
      old = writer(fresh.kind());
      setWriter(fresh.kind(), fresh);
      acknowledged = null;
    }
    status().succeeded();
    if (old != null) {
      old.close();
      log("closed TCP streaming connection with remote peer", fresh.kind());
    }
    log("established TCP streaming connection with remote peer", fresh.kind());
  }

  private @Nullable StreamWriter writer(StreamKind kind) {
    return kind == StreamKind.MSGAPP ? msgApp : message;
  }

  private void setWriter(StreamKind kind, @Nullable StreamWriter writer) {
    if (kind == StreamKind.MSGAPP) {
      msgApp = writer;
    } else {
      message = writer;
    }
  }

  /** Entries by their own stream, all else by the other, and by POST what has none. */
  @Override
  boolean send(Message m) {
    StreamWriter appends = msgApp;
    if (appends != null && StreamKind.MSGAPP.isFor(m.getType())) {
      return appends.offer(m, true) || dropped(m, "streamMsgAppV2");
    }
    StreamWriter others = message;
    if (others != null) {
      return others.offer(m, isNews(m)) || dropped(m, "streamMsg");
    }
    return post(m);
  }

  /** It has sent entries, perhaps again: it wants to hear that they are here, also twice. */
  void awaitsAnswer() {
    acknowledged = null;
  }

  /**
   * Whether the member learns something from a message. It does not from an acknowledgement of what
   * was acknowledged before: a leader that only tells how far the log is committed gets one, which
   * can go along with the answer to the next heartbeat or entry.
   */
  private boolean isNews(Message m) {
    if (m.getType() != MessageType.MsgAppResp || m.getReject()) {
      return true;
    }
    Message before = acknowledged;
    acknowledged = m;
    return before == null || before.getTerm() != m.getTerm() || before.getIndex() != m.getIndex();
  }

  @Override
  void flush() {
    StreamWriter appends = msgApp;
    if (appends != null) {
      appends.flush();
    }
    StreamWriter others = message;
    if (others != null) {
      others.flush();
    }
  }

  @Override
  public void sent(int bytes) {
    sent((long) bytes);
  }

  @Override
  public void broken(StreamWriter writer, String action, String why) {
    detach(writer);
    status().failed(action, writer.kind().toString(), why);
    sendingFailed();
    environment
        .log()
        .warn(
            "lost TCP streaming connection with remote peer",
            "stream-writer-type",
            writer.kind(),
            "local-member-id",
            environment.headers().localId(),
            "remote-peer-id",
            hex());
  }

  @Override
  public void lost(StreamWriter writer) {
    environment.receiver().unreachable(id());
  }

  private synchronized void detach(StreamWriter writer) {
    if (writer(writer.kind()) == writer) {
      setWriter(writer.kind(), null);
    }
  }

  private void log(String text, StreamKind kind) {
    environment
        .log()
        .info(
            text,
            "stream-writer-type",
            kind,
            "local-member-id",
            environment.headers().localId(),
            "remote-peer-id",
            hex());
  }

  @Override
  void stop() {
    environment.log().info("stopping remote peer", "remote-peer-id", hex());
    synchronized (this) {
      stopped = true;
      for (StreamKind kind : StreamKind.values()) {
        StreamWriter writer = writer(kind);
        if (writer != null) {
          writer.close();
          setWriter(kind, null);
        }
      }
    }
    readers.values().forEach(StreamReader::stop);
    probers.forEach(Prober::stop);
    super.stop();
    environment.log().info("stopped remote peer", "remote-peer-id", hex());
  }
}
