package io.etcdj.state.v2;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The store as members up to etcd 3.5 put it into their {@code .snap} files.
 *
 * <pre>
 *   {"Root":{"Path":"/",…,"Children":{"0":{…},"1":{…}}},
 *    "WatcherHub":{"EventHistory":{"Queue":{"Events":[…],…},"StartIndex":…,"LastIndex":…}},
 *    "CurrentIndex":…,"Stats":{…},"CurrentVersion":2}
 * </pre>
 */
public final class StoreJson {
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
  private static final String PERMANENT = "0001-01-01T00:00:00Z";
  private static final long NANOS = 1_000_000_000;
  private static final String MEMBERS = "0";
  private static final String KEYS = "1";

  private StoreJson() {}

  static String write(JsonElement json) {
    return GSON.toJson(json);
  }

  // ---- Out --------------------------------------------------------------------------------------

  /**
   * A whole store.
   *
   * @param members the node {@code /0}
   */
  public static String write(Contents contents, JsonObject members) {
    JsonObject top = new JsonObject();
    top.add(MEMBERS, members);
    top.add(KEYS, directory("/" + KEYS, new JsonObject()));
    for (Contents.Entry entry : contents.nodes()) {
      if (!isOfMembers(entry.path())) {
        add(top, entry);
      }
    }
    JsonObject store = new JsonObject();
    store.add("Root", directory("/", top));
    JsonObject hub = new JsonObject();
    hub.add("EventHistory", history(contents));
    store.add("WatcherHub", hub);
    store.addProperty("CurrentIndex", contents.index());
    JsonObject stats = new JsonObject();
    for (V2Stats.Counter counter : V2Stats.Counter.values()) {
      stats.addProperty(counter.word(), 0);
    }
    stats.addProperty("watchers", 0);
    store.add("Stats", stats);
    store.addProperty("CurrentVersion", 2);
    return GSON.toJson(store);
  }

  /** Puts a node below its directory, which is there already. */
  private static void add(JsonObject top, Contents.Entry entry) {
    String[] names = entry.path().substring(1).split("/", -1);
    JsonObject at = top;
    for (int i = 0; i < names.length - 1; i++) {
      at = at.getAsJsonObject(names[i]).getAsJsonObject("Children");
    }
    JsonObject node =
        node(
            entry.path(),
            entry.createdIndex(),
            entry.modifiedIndex(),
            entry.expiryNanos(),
            entry.value() == null ? "" : entry.value());
    node.add("Children", entry.value() == null ? new JsonObject() : JsonNull.INSTANCE);
    at.add(names[names.length - 1], node);
  }

  /** A directory that is always there. */
  public static JsonObject directory(String path, JsonObject children) {
    JsonObject node = node(path, 0, 0, 0, "");
    node.add("Children", children);
    return node;
  }

  /** A file that stands for something kept elsewhere. */
  public static JsonObject file(String path, String value) {
    JsonObject node = node(path, 0, 0, 0, value);
    node.add("Children", JsonNull.INSTANCE);
    return node;
  }

  private static JsonObject node(
      String path, long created, long modified, long expiryNanos, String value) {
    JsonObject node = new JsonObject();
    node.addProperty("Path", path);
    node.addProperty("CreatedIndex", created);
    node.addProperty("ModifiedIndex", modified);
    node.addProperty("ExpireTime", expiryNanos == 0 ? PERMANENT : time(expiryNanos));
    node.addProperty("Value", value);
    return node;
  }

  /** A ring that is read by counting indexes, so that each must have an event. */
  private static JsonObject history(Contents contents) {
    long last = contents.index();
    long start = Math.max(contents.historyStart(), last - History.CAPACITY + 1);
    JsonArray events = new JsonArray();
    int at = 0;
    for (long index = start; index <= last; index++) {
      while (at < contents.history().size() && contents.history().get(at).index() < index) {
        at++;
      }
      boolean known = at < contents.history().size() && contents.history().get(at).index() == index;
      events.add(known ? event(contents.history().get(at)) : writeOfMembers(index));
    }
    int size = events.size();
    while (events.size() < History.CAPACITY) {
      events.add(JsonNull.INSTANCE);
    }
    JsonObject queue = new JsonObject();
    queue.add("Events", events);
    queue.addProperty("Size", size);
    queue.addProperty("Front", 0);
    queue.addProperty("Back", size % History.CAPACITY);
    queue.addProperty("Capacity", History.CAPACITY);
    JsonObject history = new JsonObject();
    history.add("Queue", queue);
    history.addProperty("StartIndex", last == 0 ? 0 : start);
    history.addProperty("LastIndex", last);
    return history;
  }

  private static JsonObject writeOfMembers(long index) {
    return event(
        new Event(
            Event.Action.SET,
            new NodeView("/" + MEMBERS + "/members", null, true, 0, List.of(), index, index),
            null,
            false));
  }

  /** An event, as it is kept. */
  static JsonObject event(Event event) {
    JsonObject json = new JsonObject();
    json.addProperty("action", event.action().word());
    json.add("node", view(event.node()));
    if (event.prevNode() != null) {
      json.add("prevNode", view(event.prevNode()));
    }
    if (event.refresh()) {
      json.addProperty("refresh", true);
    }
    return json;
  }

  private static JsonObject view(NodeView view) {
    JsonObject json = new JsonObject();
    json.addProperty("key", view.key());
    if (view.value() != null) {
      json.addProperty("value", view.value());
    }
    if (view.dir()) {
      json.addProperty("dir", true);
    }
    if (view.expiryNanos() != 0) {
      json.addProperty("expiration", time(view.expiryNanos()));
    }
    json.addProperty("modifiedIndex", view.modifiedIndex());
    json.addProperty("createdIndex", view.createdIndex());
    return json;
  }

  // ---- In ---------------------------------------------------------------------------------------

  /**
   * Reads what {@code .snap} files hold; one without a store is empty.
   *
   * @throws IllegalArgumentException when it is something else
   */
  public static Contents read(String text) {
    if (text.isBlank()) {
      return Contents.EMPTY;
    }
    try {
      JsonObject store = JsonParser.parseString(text).getAsJsonObject();
      List<Contents.Entry> nodes = new ArrayList<>();
      JsonObject top = store.getAsJsonObject("Root").getAsJsonObject("Children");
      for (Map.Entry<String, JsonElement> child : top.entrySet()) {
        if (child.getKey().equals(MEMBERS)) {
          continue;
        }
        if (child.getKey().equals(KEYS)) {
          readChildren(child.getValue().getAsJsonObject(), nodes);
        } else {
          readNode(child.getValue().getAsJsonObject(), nodes);
        }
      }
      nodes.sort(Comparator.comparing(Contents.Entry::path));
      JsonElement index = store.get("CurrentIndex");
      return withHistory(store, index == null ? 0 : index.getAsLong(), nodes);
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      throw new IllegalArgumentException("snapshot data is no store of the v2 API", e);
    }
  }

  private static Contents withHistory(JsonObject store, long index, List<Contents.Entry> nodes) {
    JsonElement hub = store.get("WatcherHub");
    if (hub == null || index == 0) {
      return new Contents(index, index + 1, nodes, List.of());
    }
    JsonObject history = hub.getAsJsonObject().getAsJsonObject("EventHistory");
    long start = Math.max(1, history.get("StartIndex").getAsLong());
    List<Event> events = new ArrayList<>();
    for (JsonElement slot : history.getAsJsonObject("Queue").getAsJsonArray("Events")) {
      if (!slot.isJsonNull()) {
        Event event = event(slot.getAsJsonObject());
        if (event.index() >= start && !isOfMembers(event.node().key())) {
          events.add(event);
        }
      }
    }
    events.sort(Comparator.comparingLong(Event::index));
    return new Contents(index, start, nodes, events);
  }

  private static boolean isOfMembers(String path) {
    return path.startsWith("/" + MEMBERS + "/");
  }

  private static void readChildren(JsonObject directory, List<Contents.Entry> into) {
    JsonElement children = directory.get("Children");
    if (children != null && !children.isJsonNull()) {
      for (Map.Entry<String, JsonElement> child : children.getAsJsonObject().entrySet()) {
        readNode(child.getValue().getAsJsonObject(), into);
      }
    }
  }

  private static void readNode(JsonObject node, List<Contents.Entry> into) {
    boolean directory = !node.get("Children").isJsonNull();
    into.add(
        new Contents.Entry(
            node.get("Path").getAsString(),
            directory ? null : node.get("Value").getAsString(),
            nanos(node.get("ExpireTime").getAsString()),
            node.get("ModifiedIndex").getAsLong(),
            node.get("CreatedIndex").getAsLong()));
    readChildren(node, into);
  }

  static Event event(JsonObject json) {
    JsonElement prevNode = json.get("prevNode");
    return new Event(
        Event.Action.of(json.get("action").getAsString()),
        view(json.getAsJsonObject("node")),
        prevNode == null || prevNode.isJsonNull() ? null : view(prevNode.getAsJsonObject()),
        json.has("refresh") && json.get("refresh").getAsBoolean());
  }

  private static NodeView view(JsonObject json) {
    @Nullable JsonElement value = json.get("value");
    return new NodeView(
        json.get("key").getAsString(),
        value == null || value.isJsonNull() ? null : value.getAsString(),
        json.has("dir") && json.get("dir").getAsBoolean(),
        json.has("expiration") ? nanos(json.get("expiration").getAsString()) : 0,
        List.of(),
        json.get("modifiedIndex").getAsLong(),
        json.get("createdIndex").getAsLong());
  }

  // ---- Times ------------------------------------------------------------------------------------

  /** A Unix time in ns as RFC 3339 in UTC, without zeros at the end. */
  public static String time(long unixNanos) {
    long nanos = Math.floorMod(unixNanos, NANOS);
    String seconds =
        DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
            Instant.ofEpochSecond(Math.floorDiv(unixNanos, NANOS))
                .atOffset(ZoneOffset.UTC)
                .toLocalDateTime());
    if (nanos == 0) {
      return seconds + "Z";
    }
    String fraction = Long.toString(NANOS + nanos).substring(1);
    int end = fraction.length();
    while (fraction.charAt(end - 1) == '0') {
      end--;
    }
    return seconds + "." + fraction.substring(0, end) + "Z";
  }

  private static long nanos(String text) {
    if (text.equals(PERMANENT)) {
      return 0;
    }
    try {
      Instant instant = OffsetDateTime.parse(text).toInstant();
      return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), NANOS), instant.getNano());
    } catch (DateTimeException | ArithmeticException e) {
      throw new IllegalStateException("no time: " + text, e);
    }
  }
}
