package io.etcdj.state.v2;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.BackendCorruptException;
import io.etcdj.storage.backend.Table;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The store as rows of {@link Table#V2}.
 *
 * <pre>
 *   h, index (8 B)   an event as JSON
 *   i                index (8 B), first index of the history (8 B)
 *   n, path          created (8 B), modified (8 B), expiry (8 B), 1 for a directory (1 B),
 *                    length of the path (4 B), path, value
 * </pre>
 */
final class Rows {
  private static final byte HISTORY = 'h';
  private static final byte NODE = 'n';
  private static final byte[] INDEX = {'i'};
  private static final int NODE_FIXED_BYTES = 3 * Long.BYTES + 1 + Integer.BYTES;

  private final Backend backend;

  Rows(Backend backend) {
    this.backend = backend;
  }

  void putIndex(long index, long historyStart) {
    backend.put(
        Table.V2,
        INDEX,
        ByteBuffer.allocate(2 * Long.BYTES).putLong(index).putLong(historyStart).array());
  }

  void putNode(Contents.Entry node) {
    byte[] path = node.path().getBytes(UTF_8);
    byte[] value = node.value() == null ? new byte[0] : node.value().getBytes(UTF_8);
    backend.put(
        Table.V2,
        nodeKey(path),
        ByteBuffer.allocate(NODE_FIXED_BYTES + path.length + value.length)
            .putLong(node.createdIndex())
            .putLong(node.modifiedIndex())
            .putLong(node.expiryNanos())
            .put((byte) (node.value() == null ? 1 : 0))
            .putInt(path.length)
            .put(path)
            .put(value)
            .array());
  }

  void deleteNode(String path) {
    backend.delete(Table.V2, nodeKey(path.getBytes(UTF_8)));
  }

  void putEvent(Event event) {
    backend.put(Table.V2, eventKey(event.index()), EventJson.write(event).getBytes(UTF_8));
  }

  void deleteEvent(long index) {
    backend.delete(Table.V2, eventKey(index));
  }

  private static byte[] nodeKey(byte[] path) {
    return ByteBuffer.allocate(1 + path.length).put(NODE).put(path).array();
  }

  private static byte[] eventKey(long index) {
    return ByteBuffer.allocate(1 + Long.BYTES).put(HISTORY).putLong(index).array();
  }

  /** Whether a view has a store. */
  static boolean are(Backend.TableView tables) {
    return tables.get(Table.V2, INDEX) != null;
  }

  /** The store of a view, empty if it never had one. */
  static Contents read(Backend.TableView tables) {
    byte[] index = tables.get(Table.V2, INDEX);
    if (index == null) {
      return Contents.EMPTY;
    }
    List<Contents.Entry> nodes = new ArrayList<>();
    List<Event> events = new ArrayList<>();
    try {
      tables.scan(
          Table.V2,
          (key, value) -> {
            if (key[0] == NODE) {
              nodes.add(node(ByteBuffer.wrap(value)));
            } else if (key[0] == HISTORY) {
              events.add(EventJson.read(new String(value, UTF_8)));
            }
          });
      nodes.sort(Contents.Entry.AS_WALKED);
      events.sort(Comparator.comparingLong(Event::index));
      ByteBuffer numbers = ByteBuffer.wrap(index);
      return new Contents(numbers.getLong(), numbers.getLong(), nodes, events);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new BackendCorruptException("backend table v2: a row cannot be read");
    }
  }

  private static Contents.Entry node(ByteBuffer row) {
    long created = row.getLong();
    long modified = row.getLong();
    long expiryNanos = row.getLong();
    boolean directory = row.get() == 1;
    byte[] path = new byte[row.getInt()];
    row.get(path);
    byte[] value = new byte[row.remaining()];
    row.get(value);
    return new Contents.Entry(
        new String(path, UTF_8),
        directory ? null : new String(value, UTF_8),
        expiryNanos,
        modified,
        created);
  }
}
