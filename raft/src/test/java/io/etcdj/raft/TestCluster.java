package io.etcdj.raft;

import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Members on a perfect network, in order, with links that a test can cut. */
final class TestCluster {
  final Map<Long, TestMember> members = new LinkedHashMap<>();
  private final Deque<Message> network = new ArrayDeque<>();
  private final Set<Long> isolated = new HashSet<>();

  TestCluster(long... voters) {
    for (long id : voters) {
      add(TestMember.of(id, voters));
    }
  }

  void add(TestMember member) {
    members.put(member.id, member);
  }

  TestMember get(long id) {
    TestMember member = members.get(id);
    if (member == null) {
      throw new AssertionError("no member " + id);
    }
    return member;
  }

  void isolate(long id) {
    isolated.add(id);
  }

  /** All messages to and from others are lost. */
  void talkOnlyAmong(long... ids) {
    Set<Long> before = new HashSet<>(isolated);
    isolated.addAll(members.keySet());
    for (long id : ids) {
      isolated.remove(id);
    }
    talk();
    heal();
    isolated.addAll(before);
  }

  void heal() {
    isolated.clear();
  }

  /** Delivers until nobody has anything to say. */
  void talk() {
    boolean busy = true;
    for (int round = 0; busy; round++) {
      if (round == 10_000) {
        throw new AssertionError("the members never stop talking");
      }
      busy = false;
      for (TestMember member : members.values()) {
        network.addAll(member.drain());
      }
      while (!network.isEmpty()) {
        busy = true;
        Message m = network.remove();
        TestMember target = members.get(m.getTo());
        boolean cut = isolated.contains(m.getFrom()) || isolated.contains(m.getTo());
        boolean lost = target == null || cut;
        if (target != null && !cut) {
          target.core.step(m);
        }
        if (m.getType() == MessageType.MsgSnap) {
          get(m.getFrom()).core.reportSnapshot(m.getTo(), !lost);
        }
      }
    }
  }

  void elect(long id) {
    get(id).core.campaign();
    talk();
    if (!get(id).core.isLeader()) {
      throw new AssertionError(id + " was not elected: " + get(id).core.status());
    }
  }

  void propose(long id, String text) {
    if (!get(id).core.propose(TestMember.data(text))) {
      throw new AssertionError("dropped: " + text);
    }
    talk();
  }

  /** All members' clocks go on, everybody talking after each tick. */
  void tick(int times) {
    for (int i = 0; i < times; i++) {
      for (TestMember member : members.values()) {
        member.core.tick();
      }
      talk();
    }
  }
}
