package io.etcdj.state.membership;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

/**
 * Whether the cluster is on its way back to an older release.
 *
 * @param targetVersion {@code 3.6.0}, or empty
 */
public record Downgrade(boolean enabled, String targetVersion) {
  public static final Downgrade NONE = new Downgrade(false, "");

  /** The form in which the backend keeps it, which is etcd's. */
  String toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("target-version", targetVersion);
    json.addProperty("enabled", enabled);
    return json.toString();
  }

  static Downgrade fromJson(String text) {
    JsonObject json = JsonParser.parseString(text).getAsJsonObject();
    return new Downgrade(
        json.get("enabled").getAsBoolean(), json.get("target-version").getAsString());
  }
}
