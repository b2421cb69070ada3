package io.etcdj.storage.backend;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Tables with one writer and many readers.
 *
 * <p>Writes belong to one thread, the apply thread, and come between {@link #begin} and {@link
 * #end}; what lies between is kept or lost as a whole. Everything else may be called from any
 * thread.
 */
public interface Backend extends AutoCloseable {
  /** Row of the meta table: the log index up to which everything here is applied. */
  String APPLIED_INDEX = "consistent_index";

  /** Row of the meta table: the term of the entry at that index. */
  String APPLIED_TERM = "term";

  /** Opens an entry. Waits while too much is written but not yet durable. */
  void begin();

  /** Adds a revision of a key: {@code value} is a serialised {@code mvccpb.KeyValue}. */
  void putRevision(long main, long sub, boolean tombstone, byte[] value);

  /** Sets a row of a table other than {@link Table#KEY}. */
  void put(Table table, byte[] key, byte[] value);

  /** Removes a row of a table other than {@link Table#KEY}; a missing row is no error. */
  void delete(Table table, byte[] key);

  /** Closes what is no log entry: it is visible to readers opened from now on, and durable soon. */
  void end();

  /**
   * Closes a log entry. Its index and term become durable with its rows (rows {@link
   * #APPLIED_INDEX} and {@link #APPLIED_TERM} of {@link Table#META}, 8 bytes big-endian each); an
   * entry without rows is noted with the next that has some.
   */
  void end(long index, long term);

  /**
   * Removes revisions from the key table, in order of the arrays; they must already be durable, as
   * those at or below a compaction are after {@link #flush}. Returns once the removal is durable.
   *
   * <p>For the compactor, not for the apply thread.
   *
   * @param tombstones which of the revisions are tombstones
   */
  void removeRevisions(long[] mains, long[] subs, boolean[] tombstones, int count);

  /** Whether {@link #begin} returns without waiting for a commit. For the writer. */
  boolean hasRoom();

  /** Returns once everything that ended before this call is durable. */
  void flush();

  /** A view of the key table as of now, the overlay included. */
  KeyView openKeys();

  /**
   * The key table as of now, to be read also after {@link #replaceAll} or {@link #replaceBy} has
   * put another in its place. For the writer.
   */
  HeldKeys holdKeys();

  /** A consistent, durable view of all tables: everything that ended before this call or more. */
  TableView openTables();

  /** Size of the database in bytes. */
  long sizeBytes();

  /** Bytes of the database that hold rows; the rest would be freed by {@link #defragment}. */
  long inUseBytes();

  /** Number of views that are open. */
  int openViews();

  /** Rewrites the database without its holes; writers and new readers wait. */
  void defragment();

  /**
   * Replaces every row by those of {@code rows}; for a snapshot that came from another member or a
   * database file of another engine. Views that are open stay as they are.
   */
  void replaceAll(RowSource rows);

  /**
   * Replaces every row by those of a database that {@link LmdbBackend#write} made in the directory
   * of this one; the file may be used up. Views that are open stay as they are.
   */
  void replaceBy(Path database);

  @Override
  void close();

  /**
   * Rows of the key table: all that ended before it was opened, and perhaps later ones, which its
   * reader passes over. Not for several threads at once.
   */
  interface KeyView extends AutoCloseable {
    /** The stored {@code mvccpb.KeyValue} of a revision that is no tombstone, or null. */
    byte @Nullable [] get(long main, long sub);

    /**
     * Visits revisions from {@code fromMain} on, in order, until the visitor says stop.
     *
     * @return whether the end was reached
     */
    default boolean scan(long fromMain, RevisionVisitor visitor) {
      return scanInPlace(
          fromMain,
          (main, sub, tombstone, value) -> {
            byte[] copy = new byte[value.remaining()];
            value.get(copy);
            return visitor.visit(main, sub, tombstone, copy);
          });
    }

    /**
     * As {@link #scan}, for a visitor that needs little of each value.
     *
     * @return whether the end was reached
     */
    boolean scanInPlace(long fromMain, InPlaceVisitor visitor);

    @Override
    void close();
  }

  /** A key table that may have been replaced; until it is closed. */
  interface HeldKeys extends AutoCloseable {
    /** A view of it; null if it is not held any more. Any thread. */
    @Nullable KeyView open();

    @Override
    void close();
  }

  /** Called for each revision in order; {@code value} may be kept. */
  @FunctionalInterface
  interface RevisionVisitor {
    /** Returns whether to go on. */
    boolean visit(long main, long sub, boolean tombstone, byte[] value);
  }

  /** Called for each revision in order; {@code value} is only good during the call. */
  @FunctionalInterface
  interface InPlaceVisitor {
    /** Returns whether to go on. */
    boolean visit(long main, long sub, boolean tombstone, ByteBuffer value);
  }

  /** All tables, as of one moment. Not for several threads at once. */
  interface TableView extends AutoCloseable {
    byte @Nullable [] get(Table table, byte[] key);

    /** Visits all rows of a table in key order. */
    default void scan(Table table, RowVisitor visitor) {
      scanInPlace(table, (key, value) -> visitor.visit(copy(key), copy(value)));
    }

    private static byte[] copy(ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      return copy;
    }

    /** As {@link #scan}, without an object for every row. */
    void scanInPlace(Table table, InPlaceRowVisitor visitor);

    @Override
    void close();
  }

  /** Called for each row in order; both arrays may be kept. */
  @FunctionalInterface
  interface RowVisitor {
    void visit(byte[] key, byte[] value);
  }

  /** Called for each row in order; both are only good during the call. */
  @FunctionalInterface
  interface InPlaceRowVisitor {
    void visit(ByteBuffer key, ByteBuffer value);
  }

  /** Hands over the rows of a table in key order. */
  @FunctionalInterface
  interface RowSource {
    void rows(Table table, RowVisitor into);
  }
}
