package io.etcdj.state.apply;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.etcdserverpb.DowngradeVersionTestRequest;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.Request;
import io.etcdj.api.etcdserverpb.RequestHeader;
import io.etcdj.api.membershippb.Attributes;
import io.etcdj.api.membershippb.ClusterMemberAttrSetRequest;
import io.etcdj.api.membershippb.ClusterVersionSetRequest;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.state.membership.MemberJson;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The commands of log entries, in the forms of all releases.
 *
 * <p>Members up to etcd 3.5 tell their attributes and the cluster version as writes of the v2
 * store, and those up to 3.4 understand no other form:
 *
 * <pre>
 *   PUT /0/members/8e9e05c52164694d/attributes  {"name":"default","clientURLs":[…]}
 *   PUT /0/version                              3.4.0
 * </pre>
 */
public final class Commands {
  private static final Set<String> METHODS = Set.of("PUT", "POST", "DELETE", "GET", "QGET", "SYNC");
  private static final Pattern ATTRIBUTES =
      Pattern.compile("/0/members/([0-9a-f]{1,16})/attributes");
  private static final String VERSION_PATH = "/0/version";

  /** Where newer releases kept the v2 request within the command. */
  private static final int WRAPPED_FIELD = 2;

  /** The tag of {@code put} in {@link InternalRaftRequest}; the header's number is greater. */
  private static final byte PUT_TAG = InternalRaftRequest.PUT_FIELD_NUMBER << 3 | 2;

  private Commands() {}

  /** Whether an entry's data is a put, told by its first byte; false for some that are. */
  public static boolean isPut(ByteString data) {
    return !data.isEmpty() && data.byteAt(0) == PUT_TAG;
  }

  /** The command of a normal entry that is not empty. */
  public static InternalRaftRequest parse(Entry entry) {
    Request old = v2(entry.getData());
    if (old != null) {
      return translate(old);
    }
    try {
      InternalRaftRequest command = InternalRaftRequest.parseFrom(entry.getData());
      if (command.getUnknownFields().hasField(WRAPPED_FIELD)) {
        return translate(
            Request.parseFrom(
                command
                    .getUnknownFields()
                    .getField(WRAPPED_FIELD)
                    .getLengthDelimitedList()
                    .get(0)));
      }
      return command;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(
          "log entry " + entry.getIndex() + " holds no command of etcd", e);
    }
  }

  /** The v2 request that {@code data} is, or null: its method is a word that nothing else has. */
  private static @Nullable Request v2(ByteString data) {
    if (data.size() < 2 || data.byteAt(0) != 0x08) { // field 1, the id, is always written first
      return null;
    }
    try {
      Request request = Request.parseFrom(data);
      return METHODS.contains(request.getMethod()) ? request : null;
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  private static InternalRaftRequest translate(Request old) {
    InternalRaftRequest.Builder command =
        InternalRaftRequest.newBuilder().setHeader(RequestHeader.newBuilder().setID(old.getID()));
    Matcher attributes = ATTRIBUTES.matcher(old.getPath());
    if (old.getMethod().equals("PUT") && attributes.matches()) {
      Attributes told = attributes(old.getVal());
      if (told != null) {
        return command
            .setClusterMemberAttrSet(
                ClusterMemberAttrSetRequest.newBuilder()
                    .setMemberID(Long.parseUnsignedLong(attributes.group(1), 16))
                    .setMemberAttributes(told))
            .build();
      }
    }
    if (old.getMethod().equals("PUT") && old.getPath().equals(VERSION_PATH)) {
      return command
          .setClusterVersionSet(ClusterVersionSetRequest.newBuilder().setVer(old.getVal()))
          .build();
    }
    // Keys of the v2 API, which this release does not serve: nothing of v3 depends on them.
    return command
        .setDowngradeVersionTest(DowngradeVersionTestRequest.getDefaultInstance())
        .build();
  }

  private static @Nullable Attributes attributes(String text) {
    try {
      JsonObject json = JsonParser.parseString(text).getAsJsonObject();
      Attributes.Builder told = Attributes.newBuilder();
      JsonElement name = json.get("name");
      if (name != null) {
        told.setName(name.getAsString());
      }
      return told.addAllClientUrls(MemberJson.strings(json.get("clientURLs"))).build();
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      return null; // not what a member would write
    }
  }

  /** A command of the two kinds that have an old form, in that form. */
  public static ByteString inOldForm(InternalRaftRequest command) {
    Request.Builder old =
        Request.newBuilder()
            .setID(command.getHeader().getID())
            .setMethod("PUT")
            .setDir(false)
            .setPrevValue("")
            .setPrevIndex(0)
            .setExpiration(0)
            .setWait(false)
            .setSince(0)
            .setRecursive(false)
            .setSorted(false)
            .setQuorum(false)
            .setTime(0)
            .setStream(false);
    if (command.hasClusterVersionSet()) {
      old.setPath(VERSION_PATH).setVal(command.getClusterVersionSet().getVer());
    } else {
      ClusterMemberAttrSetRequest set = command.getClusterMemberAttrSet();
      old.setPath("/0/members/" + Long.toHexString(set.getMemberID()) + "/attributes")
          .setVal(
              MemberJson.attributes(
                  set.getMemberAttributes().getName(),
                  set.getMemberAttributes().getClientUrlsList()));
    }
    return old.build().toByteString();
  }
}
