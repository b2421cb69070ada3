package io.etcdj.server.boot;

import io.etcdj.storage.backend.Backend;
import java.io.IOException;
import java.nio.file.Path;

/** Where a member's backend comes from when it starts. */
interface Database {
  boolean exists();

  /** Opens it, or makes an empty one. */
  Backend open() throws IOException, StartException;

  /** Puts a received database in its place, and opens that. It must be closed. */
  Backend replaceBy(Path received) throws IOException, StartException;
}
