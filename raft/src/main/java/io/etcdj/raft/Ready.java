package io.etcdj.raft;

import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.HardState;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.Snapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One batch of things to do, in this order:
 *
 * <ol>
 *   <li>when {@code sendBeforeSync}: send the messages (a leader writes to its disk while its
 *       followers write to theirs, thesis §10.2.1);
 *   <li>save the snapshot, then entries and hard state, with an fsync when {@code mustSync};
 *       appending entries drops whatever the log held from their first index on;
 *   <li>otherwise send the messages now: they promise what has just been saved;
 *   <li>hand the snapshot, then the committed entries, then the read states on, for each
 *       configuration change calling {@link RaftCore#applyConfChange} exactly once;
 *   <li>{@link RaftCore#advance}, which need not wait for the applying.
 * </ol>
 *
 * <p>A {@code MsgSnap} may be sent with a newer snapshot than the one in it, made of what is
 * applied by now: that one surely knows a member that has just been added. Whatever becomes of it
 * is told to {@link RaftCore#reportSnapshot}.
 *
 * @param softState null when unchanged
 * @param hardState null when unchanged
 * @param snapshot null when there is none to install; replaces the whole log up to its index
 * @param committedEntries never the same entry twice; on disk after step 2 at the latest
 * @param mustSync false when all that would be saved is a higher commit index, which a crash may
 *     lose
 * @param sendBeforeSync this member leads and its term and vote are saved already, so no message
 *     depends on what is still to be written
 */
public record Ready(
    @Nullable SoftState softState,
    @Nullable HardState hardState,
    List<ReadState> readStates,
    List<Entry> entries,
    @Nullable Snapshot snapshot,
    List<Entry> committedEntries,
    List<Message> messages,
    boolean mustSync,
    boolean sendBeforeSync) {}
