package io.etcdj.state.v2;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events as they are kept: in rows, and in the history of {@code .snap} files.
 *
 * <pre>
 *   {"action":"set","node":{"key":"/1/a","value":"x","modifiedIndex":4,"createdIndex":4}}
 * </pre>
 */
final class EventJson {
  private EventJson() {}

  static String write(Event event) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      write(json, event);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a text does not fail
    }
    return text.toString();
  }

  static void write(JsonWriter json, Event event) throws IOException {
    json.beginObject().name("action").value(event.action().word());
    json.name("node");
    write(json, event.node());
    if (event.prevNode() != null) {
      json.name("prevNode");
      write(json, event.prevNode());
    }
    if (event.refresh()) {
      json.name("refresh").value(true);
    }
    json.endObject();
  }

  private static void write(JsonWriter json, NodeView view) throws IOException {
    json.beginObject().name("key").value(view.key());
    if (view.value() != null) {
      json.name("value").value(view.value());
    }
    if (view.dir()) {
      json.name("dir").value(true);
    }
    if (view.expiryNanos() != 0) {
      json.name("expiration").value(Rfc3339.write(view.expiryNanos()));
    }
    json.name("modifiedIndex").value(view.modifiedIndex());
    json.name("createdIndex").value(view.createdIndex());
    json.endObject();
  }

  /**
   * Reads an event.
   *
   * @throws IllegalArgumentException when it is none
   */
  static Event read(String text) {
    try (JsonReader json = new JsonReader(new StringReader(text))) {
      return read(json);
    } catch (IOException | IllegalStateException e) {
      throw new IllegalArgumentException("no event: " + text, e);
    }
  }

  static Event read(JsonReader json) throws IOException {
    String action = "";
    NodeView node = null;
    NodeView prevNode = null;
    boolean refresh = false;
    json.beginObject();
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "action" -> action = json.nextString();
        case "node" -> node = readView(json);
        case "prevNode" -> prevNode = readView(json);
        case "refresh" -> refresh = json.nextBoolean();
        default -> json.skipValue();
      }
    }
    json.endObject();
    if (node == null) {
      throw new IllegalArgumentException("an event without a node");
    }
    return new Event(Event.Action.of(action), node, prevNode, refresh);
  }

  private static @Nullable NodeView readView(JsonReader json) throws IOException {
    if (json.peek() == JsonToken.NULL) {
      json.nextNull();
      return null;
    }
    String key = "";
    String value = null;
    boolean dir = false;
    long expiryNanos = 0;
    long modifiedIndex = 0;
    long createdIndex = 0;
    json.beginObject();
    while (json.hasNext()) {
      String field = json.nextName();
      if (json.peek() == JsonToken.NULL) {
        json.nextNull();
        continue;
      }
      switch (field) {
        case "key" -> key = json.nextString();
        case "value" -> value = json.nextString();
        case "dir" -> dir = json.nextBoolean();
        case "expiration" -> expiryNanos = Rfc3339.read(json.nextString());
        case "modifiedIndex" -> modifiedIndex = json.nextLong();
        case "createdIndex" -> createdIndex = json.nextLong();
        default -> json.skipValue();
      }
    }
    json.endObject();
    return new NodeView(key, value, dir, expiryNanos, List.of(), modifiedIndex, createdIndex);
  }
}
