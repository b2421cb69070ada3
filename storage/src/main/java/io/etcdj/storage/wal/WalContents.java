package io.etcdj.storage.wal;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.HardState;
import java.util.List;

/**
 * What a log held when it was opened.
 *
 * @param metadata what it was created with
 * @param hardState the last one saved; all zero if none was
 * @param entries those behind the start snapshot, without gaps; where a position was written twice,
 *     the later one
 */
public record WalContents(ByteString metadata, HardState hardState, List<Entry> entries) {}
