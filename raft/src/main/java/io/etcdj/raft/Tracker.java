package io.etcdj.raft;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The configuration in force, the progress of each of its members, and the votes of the running
 * election.
 *
 * <pre>
 *   install({1, 2, 3})                      progress of 1, 2 and 3
 *   recordVote(1, true)  recordVote(3, true)
 *   election()                              WON: two of three
 *   install({1, 2})                         3 is forgotten, 1 and 2 keep their progress
 * </pre>
 */
final class Tracker {
  private final int maxInflightMessages;
  private final long maxInflightBytes;
  private final LongUnaryOperator matchOf = this::matchOf;
  private final Map<Long, Boolean> votes = new HashMap<>();

  private Configuration configuration = Configuration.EMPTY;

  /** By ascending id. */
  private Progress[] members = new Progress[0];

  Tracker(int maxInflightMessages, long maxInflightBytes) {
    this.maxInflightMessages = maxInflightMessages;
    this.maxInflightBytes = maxInflightBytes;
  }

  Configuration configuration() {
    return configuration;
  }

  Progress[] members() {
    return members;
  }

  @Nullable Progress get(long id) {
    for (Progress member : members) {
      if (member.id == id) {
        return member;
      }
    }
    return null;
  }

  /** Takes a configuration over; members that are in it already keep their progress. */
  void install(Configuration next, long lastIndex) {
    IdSet ids = next.members();
    Progress[] kept = new Progress[ids.size()];
    for (int i = 0; i < kept.length; i++) {
      Progress known = get(ids.get(i));
      if (known == null) {
        // Probed at the last index first: an empty log answers where to begin.
        Inflights window = new Inflights(maxInflightMessages, maxInflightBytes);
        known = new Progress(ids.get(i), Math.max(lastIndex, 1), window);
        known.heard(); // or check-quorum would fire before it was ever reached
      }
      known.isLearner = next.learners().contains(known.id);
      kept[i] = known;
    }
    configuration = next;
    members = kept;
  }

  boolean isVoter(long id) {
    return configuration.voters().contains(id);
  }

  boolean isSingleVoter() {
    return configuration.incoming().size() == 1 && !configuration.isJoint();
  }

  /** The highest index that a quorum holds on disk. */
  long committed() {
    return configuration.voters().committed(matchOf);
  }

  private long matchOf(long id) {
    Progress member = get(id);
    return member == null ? 0 : member.match();
  }

  boolean quorumIsActive() {
    return configuration
        .voters()
        .hasQuorum(
            id -> {
              Progress member = get(id);
              return member != null && member.recentActive();
            });
  }

  void clearVotes() {
    votes.clear();
  }

  /** The first answer counts. */
  void recordVote(long id, boolean granted) {
    votes.putIfAbsent(id, granted);
  }

  VoteResult election() {
    return configuration
        .voters()
        .tally(id -> votes.getOrDefault(id, false), id -> !votes.getOrDefault(id, true));
  }
}
