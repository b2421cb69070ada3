package io.etcdj.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.api.mvccpb.KeyValue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatchAnswerTest {
  private static List<String> read(WatchResponse response) {
    List<String> seen = new ArrayList<>();
    WatchAnswer.read(
        Unpooled.wrappedBuffer(response.toByteArray()),
        new WatchAnswer.Reader() {
          @Override
          public void created() {
            seen.add("created");
          }

          @Override
          public void canceled() {
            seen.add("canceled");
          }

          @Override
          public void event(ByteBuf value) {
            seen.add(value.toString(StandardCharsets.UTF_8));
          }
        });
    return seen;
  }

  private static WatchResponse.Builder response() {
    return WatchResponse.newBuilder()
        .setHeader(ResponseHeader.newBuilder().setClusterId(-1).setRevision(300))
        .setWatchId(-3);
  }

  private static Event put(String value) {
    return Event.newBuilder()
        .setKv(
            KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8("key"))
                .setModRevision(Long.MAX_VALUE)
                .setVersion(2)
                .setValue(ByteString.copyFromUtf8(value))
                .setLease(9))
        .setPrevKv(KeyValue.newBuilder().setValue(ByteString.copyFromUtf8("old")))
        .build();
  }

  @Test
  void eachEventsValueIsFound() {
    assertThat(read(response().addEvents(put("one")).addEvents(put("two")).build()))
        .containsExactly("one", "two");
  }

  @Test
  void aDeletionIsAnEventWithoutAValue() {
    Event deletion =
        Event.newBuilder()
            .setType(Event.EventType.DELETE)
            .setKv(KeyValue.newBuilder().setKey(ByteString.copyFromUtf8("key")))
            .build();

    assertThat(read(response().addEvents(deletion).build())).containsExactly("");
  }

  @Test
  void creationAndCancellationAreTold() {
    assertThat(read(response().setCreated(true).build())).containsExactly("created");
    assertThat(read(response().setCanceled(true).setCancelReason("why").build()))
        .containsExactly("canceled");
  }
}
