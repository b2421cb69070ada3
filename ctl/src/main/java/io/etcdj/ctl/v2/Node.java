package io.etcdj.ctl.v2;

import io.etcdj.ctl.print.GoJson;
import io.etcdj.ctl.text.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file or a directory of the store.
 *
 * @param nodes what is in a directory, as far as it was asked for; null if the answer has none
 * @param expiration in RFC 3339, if it expires
 */
record Node(
    String key,
    boolean dir,
    String value,
    @Nullable List<Node> nodes,
    long createdIndex,
    long modifiedIndex,
    @Nullable String expiration,
    long ttlSeconds) {

  static @Nullable Node of(Json json) {
    return json.isNull() ? null : read(json);
  }

  private static Node read(Json json) {
    List<Node> nodes = null;
    if (!json.get("nodes").isNull()) {
      nodes = new ArrayList<>();
      for (Json item : json.get("nodes").items()) {
        nodes.add(read(item));
      }
    }
    return new Node(
        json.get("key").text(),
        json.get("dir").bool(),
        json.get("value").text(),
        nodes,
        json.get("createdIndex").number(),
        json.get("modifiedIndex").number(),
        json.get("expiration").isNull() ? null : json.get("expiration").text(),
        json.get("ttl").number());
  }

  List<Node> children() {
    return nodes == null ? List.of() : nodes;
  }

  void write(GoJson out) {
    out.beginObject().name("key").string(key);
    if (dir) {
      out.name("dir").bool(true);
    }
    out.name("value").string(value).name("nodes");
    if (nodes == null) {
      out.nothing();
    } else {
      out.beginArray();
      for (Node node : nodes) {
        out.next();
        node.write(out);
      }
      out.endArray();
    }
    out.name("createdIndex").unsigned(createdIndex);
    out.name("modifiedIndex").unsigned(modifiedIndex);
    if (expiration != null) {
      out.name("expiration").string(expiration);
    }
    if (ttlSeconds != 0) {
      out.name("ttl").number(ttlSeconds);
    }
    out.endObject();
  }
}
