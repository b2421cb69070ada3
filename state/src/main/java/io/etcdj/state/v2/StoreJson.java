package io.etcdj.state.v2;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * The store as members up to etcd 3.5 put it into their {@code .snap} files.
 *
 * <pre>
 *   {"Root":{"Path":"/",…,"Children":{"0":{…},"1":{…}}},
 *    "WatcherHub":{"EventHistory":{"Queue":{"Events":[…],…},"StartIndex":…,"LastIndex":…}},
 *    "CurrentIndex":…,"Stats":{…},"CurrentVersion":2}
 * </pre>
 *
 * <p>It may hold millions of keys, as deep as clients like, so it is written and read in one pass
 * without a tree in memory, and without recursion.
 */
public final class StoreJson {
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
  private static final String PERMANENT = "0001-01-01T00:00:00Z";
  private static final String MEMBERS = "/0";
  private static final String KEYS = "/1";

  private StoreJson() {}

  // ---- Out --------------------------------------------------------------------------------------

  /**
   * A whole store.
   *
   * @param members the node {@code /0}
   */
  public static ByteString write(Contents contents, JsonObject members) {
    ByteString.Output bytes = ByteString.newOutput();
    try (JsonWriter json = new JsonWriter(new OutputStreamWriter(bytes, UTF_8))) {
      json.beginObject().name("Root");
      beginNode(json, new Contents.Entry("/", null, 0, 0, 0));
      json.beginObject().name(nameOf(MEMBERS));
      GSON.toJson(members, json);
      nodes(json, contents.nodes());
      json.endObject().endObject();
      json.name("WatcherHub").beginObject().name("EventHistory");
      history(json, contents);
      json.endObject().name("CurrentIndex").value(contents.index());
      json.name("Stats").beginObject();
      for (V2Stats.Counter counter : V2Stats.Counter.values()) {
        json.name(counter.word()).value(0);
      }
      json.name("watchers").value(0).endObject();
      json.name("CurrentVersion").value(2).endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toByteString();
  }

  /** Writes nodes as they come in a walk of the tree: each closes what it is not in. */
  private static void nodes(JsonWriter json, List<Contents.Entry> nodes) throws IOException {
    List<Contents.Entry> walk = new ArrayList<>(nodes.size() + 1);
    walk.add(new Contents.Entry(KEYS, null, 0, 0, 0));
    nodes.stream().filter(entry -> !isOfMembers(entry.path())).forEach(walk::add);
    walk.sort(Contents.Entry.AS_WALKED);
    Deque<String> open = new ArrayDeque<>();
    for (Contents.Entry entry : walk) {
      String path = entry.path();
      String directory = path.substring(0, path.lastIndexOf('/'));
      while (!open.isEmpty() && !open.getLast().equals(directory)) {
        open.removeLast();
        json.endObject().endObject();
      }
      json.name(nameOf(path));
      beginNode(json, entry);
      if (entry.value() == null) {
        json.beginObject();
        open.addLast(path);
      } else {
        json.nullValue().endObject();
      }
    }
    for (int i = 0; i < open.size(); i++) {
      json.endObject().endObject();
    }
  }

  /** Writes a node up to where its children come. */
  private static void beginNode(JsonWriter json, Contents.Entry entry) throws IOException {
    json.beginObject().name("Path").value(entry.path());
    json.name("CreatedIndex").value(entry.createdIndex());
    json.name("ModifiedIndex").value(entry.modifiedIndex());
    json.name("ExpireTime")
        .value(entry.expiryNanos() == 0 ? PERMANENT : Rfc3339.write(entry.expiryNanos()));
    json.name("Value").value(entry.value() == null ? "" : entry.value());
    json.name("Children");
  }

  private static boolean isOfMembers(String path) {
    return path.startsWith(MEMBERS + "/");
  }

  private static String nameOf(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** A directory that is always there. */
  public static JsonObject directory(String path, JsonObject children) {
    JsonObject node = node(path, "");
    node.add("Children", children);
    return node;
  }

  /** A file that stands for something kept elsewhere. */
  public static JsonObject file(String path, String value) {
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

  /** A ring that is read by counting indexes, so that each must have an event. */
  private static void history(JsonWriter json, Contents contents) throws IOException {
    long last = contents.index();
    long start = Math.max(contents.historyStart(), last - History.CAPACITY + 1);
    List<Event> events = contents.history();
    json.beginObject().name("Queue").beginObject().name("Events").beginArray();
    int at = 0;
    int size = 0;
    for (long index = start; index <= last; index++) {
      while (at < events.size() && events.get(at).index() < index) {
        at++;
      }
      boolean known = at < events.size() && events.get(at).index() == index;
      EventJson.write(json, known ? events.get(at) : writeOfMembers(index));
      size++;
    }
    for (int i = size; i < History.CAPACITY; i++) {
      json.nullValue();
    }
    json.endArray().name("Size").value(size).name("Front").value(0);
    json.name("Back").value(size % History.CAPACITY).name("Capacity").value(History.CAPACITY);
    json.endObject().name("StartIndex").value(last == 0 ? 0 : start);
    json.name("LastIndex").value(last).endObject();
  }

  private static Event writeOfMembers(long index) {
    return new Event(
        Event.Action.SET,
        new NodeView(MEMBERS + "/members", null, true, 0, List.of(), index, index),
        null,
        false);
  }

  // ---- In ---------------------------------------------------------------------------------------

  /**
   * Reads what {@code .snap} files hold; one without a store is empty.
   *
   * @throws IllegalArgumentException when it is something else
   */
  public static Contents read(ByteString text) {
    if (text.isEmpty()) {
      return Contents.EMPTY;
    }
    try (JsonReader json = new JsonReader(new InputStreamReader(text.newInput(), UTF_8))) {
      json.setNestingLimit(Integer.MAX_VALUE);
      List<Contents.Entry> nodes = new ArrayList<>();
      ReadHistory history = new ReadHistory();
      long index = 0;
      json.beginObject();
      while (json.hasNext()) {
        switch (json.nextName()) {
          case "Root" -> readRoot(json, nodes);
          case "WatcherHub" -> history.read(json);
          case "CurrentIndex" -> index = json.nextLong();
          default -> json.skipValue();
        }
      }
      json.endObject();
      nodes.sort(Contents.Entry.AS_WALKED);
      return history.with(index, nodes);
    } catch (IOException | IllegalStateException e) {
      throw new IllegalArgumentException("snapshot data is no store of the v2 API", e);
    }
  }

  private static void readRoot(JsonReader json, List<Contents.Entry> into) throws IOException {
    json.beginObject();
    while (json.hasNext()) {
      if (json.nextName().equals("Children")) {
        readNodes(json, into);
      } else {
        json.skipValue();
      }
    }
    json.endObject();
    into.removeIf(node -> isOfMembers(node.path() + "/") || node.path().equals(KEYS));
  }

  /** Reads the children of the root, and theirs. */
  private static void readNodes(JsonReader json, List<Contents.Entry> into) throws IOException {
    Deque<ReadNode> open = new ArrayDeque<>();
    boolean amongFields = false; // of the innermost node, or among its children
    json.beginObject();
    while (true) {
      boolean more = json.hasNext();
      if (amongFields && more) {
        amongFields = !open.getLast().readField(json);
      } else if (amongFields) {
        json.endObject();
        into.add(open.removeLast().entry());
        amongFields = false;
      } else if (more) {
        var unused = json.nextName();
        json.beginObject();
        open.addLast(new ReadNode());
        amongFields = true;
      } else {
        json.endObject();
        if (open.isEmpty()) {
          return;
        }
        amongFields = true;
      }
    }
  }

  /** A node of which some fields are read. */
  private static final class ReadNode {
    private String path = "";
    private String value = "";
    private boolean directory;
    private long expiryNanos;
    private long modifiedIndex;
    private long createdIndex;

    /** Reads the next field; true if it only went in, to where the children are. */
    boolean readField(JsonReader json) throws IOException {
      switch (json.nextName()) {
        case "Path" -> path = json.nextString();
        case "Value" -> value = json.nextString();
        case "ExpireTime" -> expiryNanos = expiry(json.nextString());
        case "ModifiedIndex" -> modifiedIndex = json.nextLong();
        case "CreatedIndex" -> createdIndex = json.nextLong();
        case "Children" -> {
          if (json.peek() != JsonToken.NULL) {
            directory = true;
            json.beginObject();
            return true;
          }
          json.nextNull();
        }
        default -> json.skipValue();
      }
      return false;
    }

    private static long expiry(String text) {
      return text.equals(PERMANENT) ? 0 : Rfc3339.read(text);
    }

    Contents.Entry entry() {
      return new Contents.Entry(
          path, directory ? null : value, expiryNanos, modifiedIndex, createdIndex);
    }
  }

  /** A history of which some fields are read. */
  private static final class ReadHistory {
    private final List<Event> events = new ArrayList<>();

    /** The first index; less than 0 if there is no history. */
    private long start = -1;

    void read(JsonReader json) throws IOException {
      json.beginObject();
      while (json.hasNext()) {
        switch (json.nextName()) {
          case "EventHistory", "Queue" -> read(json);
          case "StartIndex" -> start = json.nextLong();
          case "Events" -> readEvents(json);
          default -> json.skipValue();
        }
      }
      json.endObject();
    }

    private void readEvents(JsonReader json) throws IOException {
      json.beginArray();
      while (json.hasNext()) {
        if (json.peek() == JsonToken.NULL) {
          json.nextNull();
        } else {
          events.add(EventJson.read(json));
        }
      }
      json.endArray();
    }

    Contents with(long index, List<Contents.Entry> nodes) {
      if (start < 0 || index == 0) {
        return new Contents(index, index + 1, nodes, List.of());
      }
      long first = Math.max(1, start);
      events.removeIf(event -> event.index() < first || isOfMembers(event.node().key()));
      events.sort(Comparator.comparingLong(Event::index));
      return new Contents(index, first, nodes, events);
    }
  }
}
