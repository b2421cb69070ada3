package io.etcdj.proof.conform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.Message;
import io.etcdj.api.GrpcCode;
import io.etcdj.api.etcdserverpb.HashKVRequest;
import io.etcdj.proof.ServerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Our server and the original with one history: every write goes to both, and must have the same
 * effect.
 *
 * <pre>
 *   both.over(JSON);
 *   both.same(Rpc.PUT, put("a", "1"));                         // equal answers
 *   both.refused(Rpc.PUT, put("", "1"), INVALID_ARGUMENT, "etcdserver: key is not provided");
 *   both.differ(Since34.UNKNOWN_SORT_OPTION, Rpc.RANGE, ...);  // each its own answer
 * </pre>
 */
final class Both implements AutoCloseable {
  private static final int MOST_SHOWN = 2000;

  private final Path directory;
  private final String[] flags;
  private Side ours;
  private Side theirs;
  private int starts;
  private Transport transport = Transport.GRPC;

  private Both(Path directory, String[] flags) {
    this.directory = directory;
    this.flags = flags;
    this.theirs = Side.theirs(directory.resolve("theirs"), flags);
    try {
      this.ours = Side.ours(directory.resolve("ours"), flags);
    } catch (RuntimeException | Error e) {
      theirs.close();
      throw e;
    }
  }

  /** Starts both with the same further flags; skips the test where the original is missing. */
  static Both start(Path directory, String... flags) {
    assumeTrue(
        Files.isExecutable(ServerProcess.ORIGINAL),
        "no " + ServerProcess.ORIGINAL + " to compare with (on Debian: etcd-server)");
    return new Both(directory, flags);
  }

  /** Starts both anew if a test that failed has left them with different histories. */
  void together() {
    if (ours.revision() != theirs.revision()) {
      close();
      starts++;
      theirs = Side.theirs(directory.resolve("theirs" + starts), flags);
      ours = Side.ours(directory.resolve("ours" + starts), flags);
    }
  }

  Side ours() {
    return ours;
  }

  Side theirs() {
    return theirs;
  }

  /** From here on calls take this way. */
  void over(Transport way) {
    transport = way;
  }

  Transport transport() {
    return transport;
  }

  /** Makes a call that both answer alike, refusal or not. */
  <Q extends Message, R extends Message> Answer alike(Rpc<Q, R> rpc, Q request) {
    Answer expected = theirs.ask(transport, rpc, request);
    Answer actual = ours.ask(transport, rpc, request);
    assertThat(actual.comparable())
        .as("%s over %s of %s", rpc, transport, brief(request))
        .isEqualTo(expected.comparable());
    return actual;
  }

  private static String brief(Message request) {
    String all = request.toString();
    return all.length() > MOST_SHOWN ? all.substring(0, MOST_SHOWN) + "…" : all;
  }

  /** Makes a call that both grant with equal answers; returns ours. */
  @SuppressWarnings("unchecked") // the answer to a call is of the call's type
  <Q extends Message, R extends Message> R same(Rpc<Q, R> rpc, Q request) {
    Answer answer = alike(rpc, request);
    assertThat(answer.code())
        .as("%s of %s: %s", rpc, brief(request), answer)
        .isEqualTo(GrpcCode.OK);
    return (R) Objects.requireNonNull(answer.message());
  }

  /** Makes a call that both refuse in these words. */
  <Q extends Message, R extends Message> void refused(
      Rpc<Q, R> rpc, Q request, GrpcCode code, String words) {
    Answer answer = alike(rpc, request);
    assertThat(answer.comparable())
        .as("%s of %s", rpc, brief(request))
        .isEqualTo(Answer.refusal(code, words).comparable());
  }

  /**
   * Makes a call that 3.4 grants and 3.7 refuses.
   *
   * @param why it is not the same
   */
  <Q extends Message, R extends Message> void nowRefused(
      Since34 why, Rpc<Q, R> rpc, Q request, GrpcCode code, String words) {
    assertThat(theirs.ask(transport, rpc, request).code()).as("%s", why).isEqualTo(GrpcCode.OK);
    assertThat(ours.ask(transport, rpc, request).comparable())
        .as("%s", why)
        .isEqualTo(Answer.refusal(code, words).comparable());
  }

  /** The revision of both. */
  long revision() {
    long revision = theirs.revision();
    assertThat(ours.revision()).isEqualTo(revision);
    return revision;
  }

  /** Demands that both hold the same keys, with the same past. */
  void sameHash() {
    Transport before = transport;
    transport = Transport.GRPC;
    try {
      same(Rpc.HASH_KV, HashKVRequest.getDefaultInstance());
    } finally {
      transport = before;
    }
  }

  @Override
  public void close() {
    ours.close();
    theirs.close();
  }
}
