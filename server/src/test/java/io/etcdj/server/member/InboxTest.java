package io.etcdj.server.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.api.raftpb.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InboxTest {
  private final Inbox inbox = new Inbox(() -> false);
  private final List<Message> passed = new ArrayList<>();

  @Test
  void whatComesMeanwhileIsLeftForTheNextTime() {
    inbox.add(TestFollower.heartbeat(1));
    inbox.add(TestFollower.append(2, 1));
    Message late = TestFollower.heartbeat(2);
    inbox.passTo(
        message -> {
          passed.add(message);
          inbox.add(late);
        });
    assertThat(passed).containsExactly(TestFollower.heartbeat(1), TestFollower.append(2, 1));
    passed.clear();
    inbox.passTo(passed::add);
    assertThat(passed).containsExactly(late, late);
    assertThat(inbox.isEmpty()).isTrue();
  }
}
