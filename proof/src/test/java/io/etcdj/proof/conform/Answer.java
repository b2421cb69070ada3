package io.etcdj.proof.conform;

import com.google.protobuf.Message;
import io.etcdj.api.GrpcCode;
import org.jspecify.annotations.Nullable;

/**
 * What a server answered.
 *
 * @param words of a refusal; empty if it is none
 * @param message of a success, as it came
 * @param shape of the JSON that carried it, with kinds in place of values; empty over gRPC
 */
record Answer(GrpcCode code, String words, @Nullable Message message, String shape) {

  static Answer refusal(GrpcCode code, String words) {
    return new Answer(code, words, null, "");
  }

  /** What has to be the same on both sides. */
  String comparable() {
    return message == null ? code + ": " + words : Masks.comparable(message) + shape;
  }

  @Override
  public String toString() {
    return comparable();
  }
}
