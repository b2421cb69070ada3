package io.etcdj.state.membership;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.etcdj.state.v2.Contents;
import io.etcdj.state.v2.StoreJson;
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
  private static final Gson COMPACT = new GsonBuilder().disableHtmlEscaping().create();

  private MembershipTree() {}

  /**
   * The tree as JSON.
   *
   * @param v2 the keys of the v2 API
   */
  public static ByteString write(
      List<Member> members, Set<Long> removed, @Nullable String clusterVersion, Contents v2) {
    JsonObject memberNodes = new JsonObject();
    for (Member member : members) {
      String path = "/0/members/" + Long.toHexString(member.id());
      JsonObject parts = new JsonObject();
      parts.add(
          "attributes",
          StoreJson.file(
              path + "/attributes", MemberJson.attributes(member.name(), member.clientUrls())));
      parts.add("raftAttributes", StoreJson.file(path + "/raftAttributes", raftAttributes(member)));
      memberNodes.add(Long.toHexString(member.id()), StoreJson.directory(path, parts));
    }
    JsonObject removedNodes = new JsonObject();
    for (long id : removed) {
      String hex = Long.toHexString(id);
      removedNodes.add(hex, StoreJson.file("/0/removed_members/" + hex, ""));
    }
    JsonObject cluster = new JsonObject();
    cluster.add("members", StoreJson.directory("/0/members", memberNodes));
    cluster.add("removed_members", StoreJson.directory("/0/removed_members", removedNodes));
    if (clusterVersion != null) {
      cluster.add("version", StoreJson.file("/0/version", clusterVersion));
    }
    return StoreJson.write(v2, StoreJson.directory("/0", cluster));
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
}
