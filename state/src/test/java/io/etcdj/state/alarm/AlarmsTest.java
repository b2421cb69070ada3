package io.etcdj.state.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.api.etcdserverpb.AlarmMember;
import io.etcdj.api.etcdserverpb.AlarmType;
import io.etcdj.storage.backend.MemoryBackend;
import org.junit.jupiter.api.Test;

class AlarmsTest {
  private final MemoryBackend backend = new MemoryBackend();
  private final Alarms alarms = new Alarms(backend);

  @Test
  void raisedTwiceAnAlarmIsUpOnceAndToldEachTimeDisarmedTwiceOnlyTheFirst() {
    backend.begin();
    assertThat(alarms.activate(7, AlarmType.NOSPACE)).isTrue();
    assertThat(alarms.activate(7, AlarmType.NOSPACE)).isTrue();
    assertThat(alarms.list(AlarmType.NONE))
        .extracting(AlarmMember::getMemberID)
        .containsExactly(7L);
    assertThat(alarms.deactivate(7, AlarmType.NOSPACE)).isTrue();
    assertThat(alarms.deactivate(7, AlarmType.NOSPACE)).isFalse();
    backend.end();
    assertThat(new Alarms(backend).list(AlarmType.NONE)).isEmpty();
  }

  @Test
  void noneIsNoAlarm() {
    assertThat(alarms.activate(7, AlarmType.NONE)).isFalse();
    assertThat(alarms.list(AlarmType.NONE)).isEmpty();
  }
}
