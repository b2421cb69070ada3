package io.etcdj.state.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.mvcc.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events of one delivery, encoded once for all watchers that get the same.
 *
 * <p>A part is a serialised {@code WatchResponse} that lacks only its watch id, which each watcher
 * appends: protobuf fields may come in any order. There is one part, or several when they were
 * asked for as fragments and are large.
 */
public final class Events {
  /** A response without its watch id; every part but the last says that more follows. */
  private final List<byte[]> parts;

  private final long lastRevision;
  private final int count;

  private Events(List<byte[]> parts, long lastRevision, int count) {
    this.parts = parts;
    this.lastRevision = lastRevision;
    this.count = count;
  }

  public List<byte[]> parts() {
    return parts;
  }

  /** The newest revision in it. */
  public long lastRevision() {
    return lastRevision;
  }

  public int count() {
    return count;
  }

  /**
   * Encodes changes, which must not be empty.
   *
   * @param previous where values before the changes are read, or null if they are not wanted
   * @param fragmentBytes events beyond this size begin a new part; 0 for never
   */
  static Events encode(
      List<Change> changes, ResponseHeader header, @Nullable Snapshot previous, int fragmentBytes) {
    List<byte[]> encoded = new ArrayList<>(changes.size());
    for (Change change : changes) {
      encoded.add(encode(change, previous));
    }
    List<byte[]> parts = new ArrayList<>(1);
    int from = 0;
    while (from < encoded.size()) {
      int to = from + 1;
      int size = encoded.get(from).length;
      while (to < encoded.size()
          && (fragmentBytes == 0 || size + encoded.get(to).length < fragmentBytes)) {
        size += encoded.get(to).length;
        to++;
      }
      parts.add(part(header, encoded.subList(from, to), to < encoded.size()));
      from = to;
    }
    return new Events(parts, changes.get(changes.size() - 1).main(), changes.size());
  }

  private static byte[] encode(Change change, @Nullable Snapshot previous) {
    byte[] kv =
        change.deleted()
            ? KeyValue.newBuilder()
                .setKey(ByteString.copyFrom(change.key()))
                .setModRevision(change.main())
                .build()
                .toByteArray()
            : change.keyValue();
    KeyValue before = previous == null ? null : before(change, previous);
    byte[] beforeBytes = before == null ? null : before.toByteArray();
    int type = change.deleted() ? Event.EventType.DELETE_VALUE : Event.EventType.PUT_VALUE;
    int size =
        (type == 0 ? 0 : CodedOutputStream.computeEnumSize(Event.TYPE_FIELD_NUMBER, type))
            + CodedOutputStream.computeByteArraySize(Event.KV_FIELD_NUMBER, kv)
            + (beforeBytes == null
                ? 0
                : CodedOutputStream.computeByteArraySize(Event.PREV_KV_FIELD_NUMBER, beforeBytes));
    byte[] event = new byte[size];
    CodedOutputStream out = CodedOutputStream.newInstance(event);
    try {
      if (type != 0) {
        out.writeEnum(Event.TYPE_FIELD_NUMBER, type);
      }
      out.writeByteArray(Event.KV_FIELD_NUMBER, kv);
      if (beforeBytes != null) {
        out.writeByteArray(Event.PREV_KV_FIELD_NUMBER, beforeBytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array of the right size never refuses
    }
    return event;
  }

  /** A put that creates its key has none, even where the same revision deleted the key first. */
  private static @Nullable KeyValue before(Change change, Snapshot previous) {
    return !change.deleted() && createsKey(change)
        ? null
        : previous.asOf(change.key(), change.main() - 1);
  }

  private static boolean createsKey(Change put) {
    try {
      return KeyValue.parseFrom(put.keyValue()).getCreateRevision() == put.main();
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(e); // the store encoded it
    }
  }

  private static byte[] part(ResponseHeader header, List<byte[]> events, boolean moreFollow) {
    int size =
        CodedOutputStream.computeMessageSize(WatchResponse.HEADER_FIELD_NUMBER, header)
            + (moreFollow
                ? CodedOutputStream.computeBoolSize(WatchResponse.FRAGMENT_FIELD_NUMBER, true)
                : 0);
    for (byte[] event : events) {
      size += CodedOutputStream.computeByteArraySize(WatchResponse.EVENTS_FIELD_NUMBER, event);
    }
    byte[] part = new byte[size];
    CodedOutputStream out = CodedOutputStream.newInstance(part);
    try {
      out.writeMessage(WatchResponse.HEADER_FIELD_NUMBER, header);
      if (moreFollow) {
        out.writeBool(WatchResponse.FRAGMENT_FIELD_NUMBER, true);
      }
      for (byte[] event : events) {
        out.writeTag(WatchResponse.EVENTS_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(event.length);
        out.writeRawBytes(event);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return part;
  }

  /** What a watcher appends to each part; empty for id 0, which protobuf leaves out. */
  public static byte[] suffix(long watchId) {
    return WatchResponse.newBuilder().setWatchId(watchId).build().toByteArray();
  }
}
