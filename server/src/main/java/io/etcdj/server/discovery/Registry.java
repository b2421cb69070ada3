package io.etcdj.server.discovery;

import java.io.IOException;
import java.util.List;

/**
 * Where members put down who they are, oldest first.
 *
 * <p>An {@link IOException} means that it could not be asked, and may be asked again; a {@link
 * DiscoveryException} is an answer. All calls wait for theirs.
 */
interface Registry {
  /**
   * One member.
   *
   * @param id as it registered: its member id in hexadecimal
   * @param urls {@code name=URL}, several with commas between
   */
  record Entry(String id, String urls) {}

  /**
   * What is there at a moment.
   *
   * @param size how many members the cluster is to have, at least 1
   * @param entries in the order in which they came; those behind the first {@code size} are late
   * @param index the moment, in the registry's own count
   */
  record Listing(int size, List<Entry> entries, long index) {
    public Listing {
      entries = List.copyOf(entries);
    }

    /** Those that make the cluster. */
    List<Entry> members() {
      return entries.subList(0, Math.min(size, entries.size()));
    }

    boolean isComplete() {
      return entries.size() >= size;
    }
  }

  /** Its address, for the log. */
  String address();

  /** What it calls a member whose URLs cannot be read. */
  String badUrlText();

  Listing read() throws IOException, DiscoveryException, InterruptedException;

  /** Puts down an entry, as the youngest. */
  void register(Entry entry) throws IOException, DiscoveryException, InterruptedException;

  /** Returns when something may have changed since, or after a minute or so. */
  void awaitChange(Listing since) throws IOException, DiscoveryException, InterruptedException;
}
