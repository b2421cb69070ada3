package io.etcdj.server.boot;

import java.util.List;
import java.util.Map;

/** Who a member without data has beside it. */
@FunctionalInterface
interface FirstMembers {
  /** Peer URLs by name, of this member too; may wait until others have come. */
  Map<String, List<String>> find() throws StartException;

  /** There is data, so that nobody needs to be found. */
  default void passOver() {}
}
