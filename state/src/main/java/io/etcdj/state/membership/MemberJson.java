package io.etcdj.state.membership;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A member as JSON, the form that travels in configuration changes, is stored in the backend and is
 * shown under {@code /members}.
 *
 * <pre>
 *   {"id":10276657743932975437,"peerURLs":["http://localhost:2380"],"name":"default",
 *    "clientURLs":["http://localhost:2379"]}
 * </pre>
 */
public final class MemberJson {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  private MemberJson() {}

  public static String write(Member member) {
    return GSON.toJson(toJson(member));
  }

  /** The array of {@code /members}. */
  public static String write(List<Member> members) {
    JsonArray array = new JsonArray();
    members.forEach(member -> array.add(toJson(member)));
    return GSON.toJson(array);
  }

  private static JsonObject toJson(Member member) {
    JsonObject json = new JsonObject();
    json.addProperty("id", new BigInteger(Long.toUnsignedString(member.id())));
    json.add("peerURLs", strings(member.peerUrls()));
    if (member.isLearner()) {
      json.addProperty("isLearner", true);
    }
    if (!member.name().isEmpty()) {
      json.addProperty("name", member.name());
    }
    if (!member.clientUrls().isEmpty()) {
      json.add("clientURLs", strings(member.clientUrls()));
    }
    return json;
  }

  private static JsonArray strings(List<String> values) {
    JsonArray array = new JsonArray();
    values.forEach(array::add);
    return array;
  }

  /** Reads the array of {@code /members}. */
  public static List<Member> readAll(String text) {
    try {
      List<Member> members = new ArrayList<>();
      JsonParser.parseString(text)
          .getAsJsonArray()
          .forEach(member -> members.add(read(member.getAsJsonObject())));
      return members;
    } catch (JsonParseException | IllegalStateException | NumberFormatException e) {
      throw new IllegalArgumentException("not a list of members' JSON: " + text, e);
    }
  }

  /** Reads one member; keys that it does not know are passed over. */
  public static Member read(String text) {
    try {
      return read(JsonParser.parseString(text).getAsJsonObject());
    } catch (JsonParseException | IllegalStateException | NumberFormatException e) {
      throw new IllegalArgumentException("not a member's JSON: " + text, e);
    }
  }

  private static Member read(JsonObject json) {
    JsonElement id = json.get("id");
    JsonElement name = json.get("name");
    JsonElement learner = json.get("isLearner");
    return new Member(
        id == null ? 0 : Long.parseUnsignedLong(id.getAsString()),
        strings(json.get("peerURLs")),
        name == null ? "" : name.getAsString(),
        strings(json.get("clientURLs")),
        learner != null && learner.getAsBoolean());
  }

  /** The context of the change that makes a learner a voter. */
  public static String promotion(long id) {
    JsonObject json = new JsonObject();
    json.addProperty("id", new BigInteger(Long.toUnsignedString(id)));
    json.add("peerURLs", JsonNull.INSTANCE);
    json.addProperty("isPromote", true);
    return json.toString();
  }

  /** Whether a configuration change's context asks to promote a learner. */
  static boolean isPromote(String context) {
    JsonElement promote = JsonParser.parseString(context).getAsJsonObject().get("isPromote");
    return promote != null && promote.getAsBoolean();
  }

  /** What a member tells of itself: name and client URLs, each only if there is one. */
  public static String attributes(String name, List<String> clientUrls) {
    JsonObject json = new JsonObject();
    if (!name.isEmpty()) {
      json.addProperty("name", name);
    }
    if (!clientUrls.isEmpty()) {
      json.add("clientURLs", strings(clientUrls));
    }
    return GSON.toJson(json);
  }

  /** The strings of a JSON array; none if there is no array. */
  public static List<String> strings(@Nullable JsonElement array) {
    List<String> values = new ArrayList<>();
    if (array != null && array.isJsonArray()) {
      array.getAsJsonArray().forEach(value -> values.add(value.getAsString()));
    }
    return values;
  }
}
