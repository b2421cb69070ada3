package io.etcdj.state.apply;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
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

  /** The tag of field 1, the id, in a v2 request and in commands of old. */
  private static final byte ID_TAG = 1 << 3;

  private static final byte WRAPPED_TAG = WRAPPED_FIELD << 3 | 2;

  /** The tag of {@code put} in {@link InternalRaftRequest}; the header's number is greater. */
  private static final byte PUT_TAG = InternalRaftRequest.PUT_FIELD_NUMBER << 3 | 2;

  private Commands() {}

  /** Whether an entry's data is a put, told by its first byte; false for some that are. */
  public static boolean isPut(ByteString data) {
    return !data.isEmpty() && data.byteAt(0) == PUT_TAG;
  }

  /** The command of a normal entry that is neither empty nor for the v2 store. */
  public static InternalRaftRequest parse(Entry entry) {
    Request old = v2(entry.getData());
    try {
      InternalRaftRequest command =
          old == null ? InternalRaftRequest.parseFrom(entry.getData()) : translate(old);
      Request wrapped = command == null ? null : wrapped(command);
      InternalRaftRequest translated = wrapped == null ? command : translate(wrapped);
      if (translated == null) {
        throw new IllegalStateException(
            "log entry " + entry.getIndex() + " is for the store of the v2 API");
      }
      return translated;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(
          "log entry " + entry.getIndex() + " holds no command of etcd", e);
    }
  }

  /** The request of an entry that is for the v2 store; null for any other. */
  public static @Nullable Request forV2Store(Entry entry) {
    ByteString data = entry.getData();
    if (data.isEmpty() || (data.byteAt(0) != ID_TAG && data.byteAt(0) != WRAPPED_TAG)) {
      return null; // told at once for nearly all
    }
    Request request = v2(data);
    if (request == null) {
      try {
        request = wrapped(InternalRaftRequest.parseFrom(data));
      } catch (InvalidProtocolBufferException e) {
        return null;
      }
    }
    return request == null || translate(request) != null ? null : request;
  }

  private static @Nullable Request wrapped(InternalRaftRequest command)
      throws InvalidProtocolBufferException {
    return command.getUnknownFields().hasField(WRAPPED_FIELD)
        ? Request.parseFrom(
            command.getUnknownFields().getField(WRAPPED_FIELD).getLengthDelimitedList().get(0))
        : null;
  }

  /** The v2 request that {@code data} is, or null: its method is a word that nothing else has. */
  private static @Nullable Request v2(ByteString data) {
    if (data.size() < 2 || data.byteAt(0) != ID_TAG) { // the id is always written first
      return null;
    }
    try {
      Request request = Request.parseFrom(data);
      return METHODS.contains(request.getMethod()) ? request : null;
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  /** A write that this release keeps elsewhere, as its command; null for one of the store. */
  private static @Nullable InternalRaftRequest translate(Request old) {
    if (!old.getMethod().equals("PUT")
        || old.hasPrevExist()
        || old.getPrevIndex() != 0
        || !old.getPrevValue().isEmpty()) {
      return null;
    }
    InternalRaftRequest.Builder command =
        InternalRaftRequest.newBuilder().setHeader(RequestHeader.newBuilder().setID(old.getID()));
    Matcher attributes = ATTRIBUTES.matcher(old.getPath());
    if (attributes.matches()) {
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
    if (old.getPath().equals(VERSION_PATH)) {
      return command
          .setClusterVersionSet(ClusterVersionSetRequest.newBuilder().setVer(old.getVal()))
          .build();
    }
    return null;
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

  /** A v2 request with all fields that are always written. */
  public static Request.Builder v2Request(String method) {
    return Request.newBuilder()
        .setID(0)
        .setMethod(method)
        .setPath("")
        .setVal("")
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
  }

  /** A command of the two kinds that have an old form, in that form. */
  public static ByteString inOldForm(InternalRaftRequest command) {
    Request.Builder old = v2Request("PUT").setID(command.getHeader().getID());
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
