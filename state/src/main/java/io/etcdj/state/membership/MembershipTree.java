package io.etcdj.state.membership;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Membership as a v2 store tree, the content of a {@code .snap} file.
 *
 * <p>Members up to etcd 3.5 and the v2 tools read members, removed members and the cluster version
 * from it; newer ones take them from the database.
 *
 * <pre>
 *   /0/members/8e9e05c52164694d/attributes      {"name":"default","clientURLs":[…]}
 *   /0/members/8e9e05c52164694d/raftAttributes  {"peerURLs":[…]}
 *   /0/removed_members/…
 *   /0/version                                  3.7.0
 *   /1                                          keys of the v2 API
 * </pre>
 */
public final class MembershipTree {
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
  private static final Gson COMPACT = new GsonBuilder().disableHtmlEscaping().create();
  private static final String PERMANENT = "0001-01-01T00:00:00Z";
  private static final int HISTORY = 1_000;
  private static final List<String> COUNTERS =
      List.of(
          "getsSuccess",
          "getsFail",
          "setsSuccess",
          "setsFail",
          "deleteSuccess",
          "deleteFail",
          "updateSuccess",
          "updateFail",
          "createSuccess",
          "createFail",
          "compareAndSwapSuccess",
          "compareAndSwapFail",
          "compareAndDeleteSuccess",
          "compareAndDeleteFail",
          "expireCount",
          "watchers");

  private MembershipTree() {}

  /** The tree as JSON. */
  public static String write(
      List<Member> members, Set<Long> removed, @Nullable String clusterVersion) {
    JsonObject memberNodes = new JsonObject();
    for (Member member : members) {
      String path = "/0/members/" + Long.toHexString(member.id());
      JsonObject parts = new JsonObject();
      parts.add(
          "attributes",
          leaf(path + "/attributes", MemberJson.attributes(member.name(), member.clientUrls())));
      parts.add("raftAttributes", leaf(path + "/raftAttributes", raftAttributes(member)));
      memberNodes.add(Long.toHexString(member.id()), directory(path, parts));
    }
    JsonObject removedNodes = new JsonObject();
    for (long id : removed) {
      String hex = Long.toHexString(id);
      removedNodes.add(hex, leaf("/0/removed_members/" + hex, ""));
    }
    JsonObject cluster = new JsonObject();
    cluster.add("members", directory("/0/members", memberNodes));
    cluster.add("removed_members", directory("/0/removed_members", removedNodes));
    if (clusterVersion != null) {
      cluster.add("version", leaf("/0/version", clusterVersion));
    }
    JsonObject top = new JsonObject();
    top.add("0", directory("/0", cluster));
    top.add("1", directory("/1", new JsonObject()));
    JsonObject store = new JsonObject();
    store.add("Root", directory("/", top));
    store.add("WatcherHub", watcherHub());
    store.addProperty("CurrentIndex", 0);
    JsonObject stats = new JsonObject();
    COUNTERS.forEach(counter -> stats.addProperty(counter, 0));
    store.add("Stats", stats);
    store.addProperty("CurrentVersion", 2);
    return GSON.toJson(store);
  }

  private static JsonObject directory(String path, JsonObject children) {
    JsonObject node = node(path, "");
    node.add("Children", children);
    return node;
  }

  private static JsonObject leaf(String path, String value) {
    JsonObject node = node(path, value);
    node.add("Children", JsonNull.INSTANCE);
    return node;
  }

  private static JsonObject node(String path, String value) {
    JsonObject node = new JsonObject();
    node.addProperty("Path", path);
    node.addProperty("CreatedIndex", 0);
    node.addProperty("ModifiedIndex", 0);
    node.addProperty("ExpireTime", PERMANENT);
    node.addProperty("Value", value);
    return node;
  }

  private static String raftAttributes(Member member) {
    JsonObject json = new JsonObject();
    json.add("peerURLs", strings(member.peerUrls()));
    if (member.isLearner()) {
      json.addProperty("isLearner", true);
    }
    return COMPACT.toJson(json);
  }

  private static JsonArray strings(List<String> values) {
    JsonArray array = new JsonArray();
    values.forEach(array::add);
    return array;
  }

  private static JsonObject watcherHub() {
    JsonArray events = new JsonArray();
    for (int i = 0; i < HISTORY; i++) {
      events.add(JsonNull.INSTANCE);
    }
    JsonObject queue = new JsonObject();
    queue.add("Events", events);
    queue.addProperty("Size", 0);
    queue.addProperty("Front", 0);
    queue.addProperty("Back", 0);
    queue.addProperty("Capacity", HISTORY);
    JsonObject history = new JsonObject();
    history.add("Queue", queue);
    history.addProperty("StartIndex", 0);
    history.addProperty("LastIndex", 0);
    JsonObject hub = new JsonObject();
    hub.add("EventHistory", history);
    return hub;
  }
}
