package io.etcdj.ctl.print;

import com.google.protobuf.Message;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;

/** {@code -w protobuf}: the answer's bytes as they came, for programs. */
final class ProtobufPrinter implements Printer {
  private final PrintStream out;

  ProtobufPrinter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void answer(Message answer) {
    try {
      answer.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A stream of events is printed event by event. */
  @Override
  public void watch(WatchResponse answer) {
    for (Event event : answer.getEventsList()) {
      answer(event);
    }
  }

  @Override
  public void endpointHealth(List<EndpointHealth> reports) {
    throw Format.unsupported("protobuf");
  }

  @Override
  public void endpointStatus(List<EndpointStatus> reports) {
    throw Format.unsupported("protobuf");
  }

  @Override
  public void endpointHash(List<EndpointHash> reports) {
    throw Format.unsupported("protobuf");
  }
}
