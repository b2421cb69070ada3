package io.etcdj.ctl.v2;

import io.etcdj.ctl.rpc.Deadline;
import io.etcdj.ctl.rpc.HttpAnswer;
import io.etcdj.ctl.text.GoNumber;
import io.etcdj.ctl.text.Json;
import org.jspecify.annotations.Nullable;

/** {@code /v2/keys}. */
final class KeysApi {
  private static final String PREFIX = "/v2/keys";

  /** What must hold of a key for a change to happen. */
  enum Existence {
    ANY,
    MUST,
    MUST_NOT
  }

  private final Cluster cluster;

  KeysApi(Cluster cluster) {
    this.cluster = cluster;
  }

  KeyAnswer get(String key, boolean recursive, boolean sorted, boolean quorum, Deadline deadline)
      throws ClientException {
    Query query =
        new Query()
            .add("quorum", Boolean.toString(quorum))
            .add("recursive", Boolean.toString(recursive))
            .add("sorted", Boolean.toString(sorted));
    return send(new Action("GET", path(key), query.toString(), "", null, false, false), deadline);
  }

  /**
   * Waits for the first change from an index on.
   *
   * @param fromIndex 0 for the next one
   * @return null if the server ended the wait
   */
  @Nullable KeyAnswer await(String key, boolean recursive, long fromIndex) throws ClientException {
    Query query =
        new Query()
            .add("recursive", Boolean.toString(recursive))
            .add("wait", "true")
            .add("waitIndex", Long.toUnsignedString(fromIndex));
    HttpAnswer answer =
        cluster.send(
            new Action("GET", path(key), query.toString(), "", null, true, false), Deadline.NEVER);
    return answer.status() == 200 && answer.body().length == 0 ? null : read(answer);
  }

  /**
   * Writes a file.
   *
   * @param ttlSeconds none if not positive
   * @param valueBefore what it must hold, or empty
   * @param indexBefore when it must have been changed last, or 0
   */
  KeyAnswer set(
      String key,
      byte[] value,
      long ttlSeconds,
      Existence existence,
      String valueBefore,
      long indexBefore,
      Deadline deadline)
      throws ClientException {
    Query query = new Query();
    addExistence(query, existence);
    addIndexBefore(query, indexBefore);
    if (!valueBefore.isEmpty()) {
      query.add("prevValue", valueBefore);
    }
    boolean once = existence == Existence.MUST_NOT;
    return send(
        Action.withForm("PUT", path(key), query.toString(), form(value, ttlSeconds), once),
        deadline);
  }

  /** Makes a directory, or changes its time to live. */
  KeyAnswer setDirectory(String key, long ttlSeconds, Existence existence, Deadline deadline)
      throws ClientException {
    Query query = new Query().add("dir", "true");
    addExistence(query, existence);
    Query form = new Query();
    addTtl(form, ttlSeconds);
    boolean once = existence == Existence.MUST_NOT;
    return send(
        Action.withForm("PUT", path(key), query.toString(), form.toString(), once), deadline);
  }

  /** Writes a new file in a directory, behind all that are there. */
  KeyAnswer append(String directory, byte[] value, long ttlSeconds, Deadline deadline)
      throws ClientException {
    return send(
        Action.withForm("POST", path(directory), "", form(value, ttlSeconds), true), deadline);
  }

  KeyAnswer delete(
      String key,
      boolean directory,
      boolean recursive,
      String valueBefore,
      long indexBefore,
      Deadline deadline)
      throws ClientException {
    Query query = new Query();
    if (directory) {
      query.add("dir", "true");
    }
    addIndexBefore(query, indexBefore);
    if (!valueBefore.isEmpty()) {
      query.add("prevValue", valueBefore);
    }
    if (recursive) {
      query.add("recursive", "true");
    }
    return send(
        new Action("DELETE", path(key), query.toString(), "", null, false, false), deadline);
  }

  private static String path(String key) {
    return key.isEmpty() || key.startsWith("/") ? PREFIX + key : PREFIX + "/" + key;
  }

  private static void addExistence(Query query, Existence existence) {
    if (existence != Existence.ANY) {
      query.add("prevExist", Boolean.toString(existence == Existence.MUST));
    }
  }

  private static void addIndexBefore(Query query, long index) {
    if (index != 0) {
      query.add("prevIndex", Long.toUnsignedString(index));
    }
  }

  private static void addTtl(Query form, long ttlSeconds) {
    if (ttlSeconds > 0) {
      form.add("ttl", Long.toString(ttlSeconds));
    }
  }

  private static String form(byte[] value, long ttlSeconds) {
    Query form = new Query();
    addTtl(form, ttlSeconds);
    return form.add("value", value).toString();
  }

  private KeyAnswer send(Action action, Deadline deadline) throws ClientException {
    return read(cluster.send(action, deadline));
  }

  private static KeyAnswer read(HttpAnswer answer) throws ClientException {
    boolean success = answer.status() == 200 || answer.status() == 201;
    if (success && answer.body().length == 0) {
      throw new ClientException("client: response body is empty");
    }
    try {
      Json json = Json.parse(answer.text());
      if (!json.isObject()) {
        throw ClientException.invalidJson();
      }
      if (!success) {
        throw ClientException.ofStore(
            json.get("errorCode").number(),
            json.get("message").text(),
            json.get("cause").text(),
            json.get("index").number());
      }
      Node node = Node.of(json.get("node"));
      if (node == null) {
        throw ClientException.invalidJson();
      }
      String index = answer.header("x-etcd-index");
      return new KeyAnswer(
          json.get("action").text(),
          node,
          Node.of(json.get("prevNode")),
          index.isEmpty() ? 0 : GoNumber.parseUint(index, 10));
    } catch (IllegalArgumentException e) {
      throw ClientException.invalidJson();
    }
  }
}
