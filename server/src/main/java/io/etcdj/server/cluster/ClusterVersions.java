package io.etcdj.server.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.etcdj.server.log.Log;
import io.etcdj.server.member.RaftView;
import io.etcdj.server.peer.PeerClient;
import io.etcdj.state.membership.Downgrade;
import io.etcdj.state.membership.Member;
import io.etcdj.state.membership.Membership;
import io.etcdj.state.membership.ServerVersion;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Decides which version the cluster speaks: that of its oldest member. Only the leader does.
 *
 * <p>A cluster in which not every member has been heard speaks the oldest version until it has.
 * Later it rises when all members are newer, and falls only by a downgrade that somebody asked for.
 */
public final class ClusterVersions {
  private static final long TIMEOUT_MILLIS = 4_000;

  private final ServerVersion own;
  private final RaftView view;
  private final Membership membership;
  private final Peers peers;
  private final Decisions decisions;
  private final Log log;
  private final AtomicBoolean asking = new AtomicBoolean();

  /** Takes what was decided through the log. */
  public interface Decisions {
    /**
     * Has the cluster speak this version.
     *
     * @param oldForm whether a member is so old that it knows no other
     */
    void setVersion(ServerVersion version, boolean oldForm);

    /** All members are of the release that they were to be taken back to. */
    void endDowngrade();
  }

  public ClusterVersions(
      ServerVersion own,
      RaftView view,
      Membership membership,
      Peers peers,
      Decisions decisions,
      Log log) {
    this.own = own;
    this.view = view;
    this.membership = membership;
    this.peers = peers;
    this.decisions = decisions;
    this.log = log;
  }

  /** Asks the members, and decides when they have answered. Any thread; now and then. */
  public void look() {
    if (view.leads() && asking.compareAndSet(false, true)) {
      var unused =
          askOthers()
              .whenComplete(
                  (others, failure) -> {
                    asking.set(false);
                    if (failure == null && view.leads()) {
                      decide(others);
                    }
                  });
    }
  }

  /** The release of the oldest member that answers. */
  public CompletableFuture<ServerVersion> oldest() {
    return askOthers().thenApply(this::oldest);
  }

  /** The other members' releases; empty for those that do not answer. Never fails. */
  private CompletableFuture<List<Optional<ServerVersion>>> askOthers() {
    List<CompletableFuture<Optional<ServerVersion>>> answers =
        peers.others().stream().map(this::ask).toList();
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .thenApply(nothing -> answers.stream().map(CompletableFuture::join).toList());
  }

  private ServerVersion oldest(List<Optional<ServerVersion>> others) {
    return others.stream().flatMap(Optional::stream).reduce(own, ClusterVersions::older);
  }

  private static ServerVersion older(ServerVersion a, ServerVersion b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  private CompletableFuture<Optional<ServerVersion>> ask(Member member) {
    return peers
        .ask(member, HttpMethod.GET, "/version", new byte[0], TIMEOUT_MILLIS)
        .handle(
            (answer, failure) -> {
              ServerVersion version = failure == null ? read(answer) : null;
              if (version == null) {
                log.warn(
                    "failed to get version of member",
                    "remote-member-id",
                    Long.toHexString(member.id()),
                    "error",
                    failure);
              }
              return Optional.ofNullable(version);
            });
  }

  private static @Nullable ServerVersion read(PeerClient.Answer answer) {
    try {
      JsonElement version =
          JsonParser.parseString(new String(answer.body(), UTF_8))
              .getAsJsonObject()
              .get("etcdserver");
      return version == null ? null : ServerVersion.parse(version.getAsString());
    } catch (JsonParseException | IllegalStateException e) {
      return null;
    }
  }

  /**
   * @param others versions of the other members, empty where there was no answer
   */
  private void decide(List<Optional<ServerVersion>> others) {
    ServerVersion oldest = oldest(others);
    boolean allTold = others.stream().allMatch(Optional::isPresent);
    ServerVersion current = ServerVersion.parse(membership.clusterVersion());
    Downgrade downgrade = membership.downgrade();
    ServerVersion target =
        downgrade.enabled() ? ServerVersion.parse(downgrade.targetVersion()) : null;
    boolean oldForm = !oldest.isAtLeast(3, 5);
    if (current == null) {
      decisions.setVersion(allTold ? oldest : ServerVersion.OLDEST, oldForm);
    } else if (target != null) {
      if (current.compareTo(target) > 0) {
        decisions.setVersion(target, oldForm);
      }
      ServerVersion wanted = target;
      if (own.equals(wanted) && others.stream().allMatch(Optional.of(wanted)::equals)) {
        decisions.endDowngrade();
      }
    } else if (allTold && oldest.compareTo(current) > 0) {
      decisions.setVersion(oldest, oldForm);
    }
  }
}
