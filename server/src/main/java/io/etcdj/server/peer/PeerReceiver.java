package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import java.util.List;

/** What the transport tells its member. Called on any thread of it; waits for the disk at most. */
public interface PeerReceiver {
  /** Raft messages that came at once: meant for this member, and their sender is not removed. */
  void receive(List<Message> messages);

  /** Something sent to that member was lost. */
  void unreachable(long memberId);

  /** The snapshot that was on its way to that member arrived, or did not. */
  void snapshotDone(long memberId, boolean ok);

  /** Whether that member was once removed from the cluster. */
  boolean isRemoved(long memberId);

  /** The cluster says that this member was removed. May be told more than once. */
  void removedHere();
}
