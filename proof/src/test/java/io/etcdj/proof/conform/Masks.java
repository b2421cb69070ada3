package io.etcdj.proof.conform;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.etcdj.api.etcdserverpb.AlarmMember;
import io.etcdj.api.etcdserverpb.AlarmResponse;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.etcdj.api.etcdserverpb.StatusResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes out of an answer what two servers with the same history may tell differently. */
final class Masks {
  /** Counts only that it is there: the two choose, time or measure it for themselves. */
  private static final Map<String, Set<String>> CHOSEN =
      Map.of(
          "ResponseHeader", Set.of("cluster_id", "member_id", "raft_term"),
          "Member", Set.of("ID", "peerURLs", "clientURLs"),
          "HashResponse", Set.of("hash"),
          "StatusResponse",
              Set.of(
                  "version",
                  "dbSize",
                  "dbSizeInUse",
                  "leader",
                  "raftIndex",
                  "raftTerm",
                  "raftAppliedIndex"));

  /** Fields that 3.4 does not have. */
  private static final Map<String, Set<String>> NEWER =
      Map.of(
          "AlarmResponse", Set.of("header"),
          "HashKVResponse", Set.of("hash_revision"),
          "StatusResponse", Set.of("storageVersion", "dbSizeQuota", "downgradeInfo"));

  private Masks() {}

  /** Text that is equal for answers that say the same. */
  static String comparable(Message message) {
    return TextFormat.printer().printToString(masked(message));
  }

  /** Whether JSON of this message type has a member that 3.4 does not know. */
  static boolean isNewer(String messageName, String field) {
    return NEWER.getOrDefault(messageName, Set.of()).contains(field);
  }

  private static Message masked(Message message) {
    Message.Builder masked = message.toBuilder();
    String type = message.getDescriptorForType().getName();
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (isNewer(type, field.getName())) {
                masked.clearField(field);
              } else if (CHOSEN.getOrDefault(type, Set.of()).contains(field.getName())) {
                masked.setField(field, placeholder(field, value));
              } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                masked.setField(field, maskedMessages(field, value));
              }
            });
    if (message instanceof LeaseTimeToLiveResponse lease) { // time passes; keys in any order
      LeaseTimeToLiveResponse.Builder sorted = (LeaseTimeToLiveResponse.Builder) masked;
      if (lease.getTTL() > 0) {
        sorted.setTTL(1);
      }
      sorted.clearKeys();
      lease.getKeysList().stream()
          .sorted(ByteString.unsignedLexicographicalComparator())
          .forEach(sorted::addKeys);
    }
    if (message instanceof AlarmResponse) { // told in any order, and so are the errors
      AlarmResponse.Builder alarms = (AlarmResponse.Builder) masked;
      List<AlarmMember> sorted = new ArrayList<>(alarms.getAlarmsList());
      sorted.sort(Comparator.comparingLong(AlarmMember::getMemberID));
      alarms.clearAlarms().addAllAlarms(sorted);
    } else if (message instanceof StatusResponse) {
      StatusResponse.Builder status = (StatusResponse.Builder) masked;
      List<String> sorted = new ArrayList<>(status.getErrorsList());
      Collections.sort(sorted);
      status.clearErrors().addAllErrors(sorted);
    }
    return masked.build();
  }

  private static Object maskedMessages(FieldDescriptor field, Object value) {
    if (!field.isRepeated()) {
      return masked((Message) value);
    }
    List<Message> all = new ArrayList<>();
    for (Object one : (List<?>) value) {
      all.add(masked((Message) one));
    }
    return all;
  }

  /** Keeps how many there are. */
  private static Object placeholder(FieldDescriptor field, Object value) {
    if (field.isRepeated()) {
      List<Object> all = new ArrayList<>();
      for (Object one : (List<?>) value) {
        all.add(placeholderOfOne(one));
      }
      return all;
    }
    return placeholderOfOne(value);
  }

  private static Object placeholderOfOne(Object value) {
    if (value instanceof Long) {
      return 1L;
    }
    if (value instanceof Integer) {
      return 1;
    }
    return "chosen";
  }
}
