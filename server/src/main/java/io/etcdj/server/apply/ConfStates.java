package io.etcdj.server.apply;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.Table;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The Raft configuration as the backend's meta table keeps it: etcd's JSON. */
public final class ConfStates {
  private static final byte[] KEY = "confState".getBytes(UTF_8);

  private ConfStates() {}

  /** Writes it; within the backend's {@code begin} and {@code end}. */
  static void store(Backend backend, ConfState state) {
    JsonObject json = new JsonObject();
    add(json, "voters", state.getVotersList());
    add(json, "learners", state.getLearnersList());
    add(json, "voters_outgoing", state.getVotersOutgoingList());
    add(json, "learners_next", state.getLearnersNextList());
    json.addProperty("auto_leave", state.getAutoLeave());
    backend.put(Table.META, KEY, json.toString().getBytes(UTF_8));
  }

  private static void add(JsonObject json, String name, List<Long> ids) {
    if (ids.isEmpty()) {
      return;
    }
    JsonArray array = new JsonArray();
    ids.forEach(id -> array.add(new BigInteger(Long.toUnsignedString(id))));
    json.add(name, array);
  }

  /** The stored configuration, or null if there is none. */
  public static @Nullable ConfState load(Backend backend) {
    try (Backend.TableView tables = backend.openTables()) {
      return load(tables);
    }
  }

  /** The configuration as of a view, or null if there is none. */
  public static @Nullable ConfState load(Backend.TableView tables) {
    byte[] stored = tables.get(Table.META, KEY);
    if (stored == null) {
      return null;
    }
    JsonObject json = JsonParser.parseString(new String(stored, UTF_8)).getAsJsonObject();
    JsonElement autoLeave = json.get("auto_leave");
    return ConfState.newBuilder()
        .addAllVoters(ids(json, "voters"))
        .addAllLearners(ids(json, "learners"))
        .addAllVotersOutgoing(ids(json, "voters_outgoing"))
        .addAllLearnersNext(ids(json, "learners_next"))
        .setAutoLeave(autoLeave != null && autoLeave.getAsBoolean())
        .build();
  }

  /** Whether a configuration has this member, as a voter or a learner. */
  public static boolean contains(ConfState state, long member) {
    return state.getVotersList().contains(member)
        || state.getLearnersList().contains(member)
        || state.getVotersOutgoingList().contains(member)
        || state.getLearnersNextList().contains(member);
  }

  private static List<Long> ids(JsonObject json, String name) {
    List<Long> ids = new ArrayList<>();
    JsonElement array = json.get(name);
    if (array != null && array.isJsonArray()) {
      array.getAsJsonArray().forEach(id -> ids.add(Long.parseUnsignedLong(id.getAsString())));
    }
    return ids;
  }
}
