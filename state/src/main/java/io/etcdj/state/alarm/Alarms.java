package io.etcdj.state.alarm;

import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.etcdserverpb.AlarmMember;
import io.etcdj.api.etcdserverpb.AlarmType;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.BackendCorruptException;
import io.etcdj.storage.backend.Table;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which member raised which alarm.
 *
 * <p>Changed by the apply thread only; asked by any thread. Raising one that is up, or disarming
 * one that is not, changes nothing and answers nothing.
 */
public final class Alarms {
  private final Backend backend;
  private volatile Set<AlarmMember> active = Set.of();

  public Alarms(Backend backend) {
    this.backend = backend;
    reload();
  }

  /** Starts over from what the backend holds now. */
  public void reload() {
    Set<AlarmMember> loaded = new LinkedHashSet<>();
    try (Backend.TableView tables = backend.openTables()) {
      tables.scan(
          Table.ALARM,
          (key, value) -> {
            try {
              loaded.add(AlarmMember.parseFrom(key));
            } catch (InvalidProtocolBufferException e) {
              throw new BackendCorruptException("backend table alarm: a row is no alarm");
            }
          });
    }
    active = Set.copyOf(loaded);
  }

  /** Raises an alarm; returns whether it is up, as it is unless it is NONE. */
  public boolean activate(long memberId, AlarmType type) {
    if (type == AlarmType.NONE) {
      return false;
    }
    AlarmMember alarm = alarm(memberId, type);
    Set<AlarmMember> more = new LinkedHashSet<>(active);
    if (more.add(alarm)) {
      backend.put(Table.ALARM, alarm.toByteArray(), new byte[0]);
      active = Set.copyOf(more);
    }
    return true;
  }

  /** Disarms an alarm; returns whether it was up before. */
  public boolean deactivate(long memberId, AlarmType type) {
    AlarmMember alarm = alarm(memberId, type);
    Set<AlarmMember> rest = new LinkedHashSet<>(active);
    if (!rest.remove(alarm)) {
      return false;
    }
    backend.delete(Table.ALARM, alarm.toByteArray());
    active = Set.copyOf(rest);
    return true;
  }

  /** The alarms of a type, or all for NONE, by member. */
  public List<AlarmMember> list(AlarmType type) {
    return active.stream()
        .filter(alarm -> type == AlarmType.NONE || alarm.getAlarm() == type)
        .sorted(
            (a, b) -> {
              int byMember = Long.compareUnsigned(a.getMemberID(), b.getMemberID());
              return byMember != 0
                  ? byMember
                  : Integer.compare(a.getAlarmValue(), b.getAlarmValue());
            })
        .toList();
  }

  /** Whether any member has raised this alarm. */
  public boolean isActive(AlarmType type) {
    Set<AlarmMember> now = active;
    if (now.isEmpty()) {
      return false;
    }
    return now.stream().anyMatch(alarm -> alarm.getAlarm() == type);
  }

  private static AlarmMember alarm(long memberId, AlarmType type) {
    return AlarmMember.newBuilder().setMemberID(memberId).setAlarm(type).build();
  }
}
