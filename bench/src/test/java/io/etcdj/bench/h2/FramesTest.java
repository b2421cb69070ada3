package io.etcdj.bench.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class FramesTest {
  private final ByteBuf out = Unpooled.buffer();

  private String hex() {
    return ByteBufUtil.hexDump(out);
  }

  @Test
  void headersAreOneFrameWithTheWholeBlock() {
    Frames.headers(out, 0x0103, new byte[] {(byte) 0x83, (byte) 0x86});

    assertThat(hex()).isEqualTo("000002" + "01" + "04" + "00000103" + "8386");
  }

  @Test
  void aMessageIsOneFrameWithItsGrpcPrefix() {
    Frames.message(out, 5, new byte[] {0x0a, 0x01, 0x6b}, true);

    assertThat(hex()).isEqualTo("000008" + "00" + "01" + "00000005" + "00" + "00000003" + "0a016b");
  }

  @Test
  void theLastMessageAloneEndsTheStream() {
    Frames.message(out, 5, new byte[0], false);

    assertThat(hex()).isEqualTo("000005" + "00" + "00" + "00000005" + "00" + "00000000");
  }

  @Test
  void settingsArePairs() {
    Frames.settings(out, Frames.SETTING_ENABLE_PUSH, 0, Frames.SETTING_INITIAL_WINDOW_SIZE, 65536);

    assertThat(hex())
        .isEqualTo("00000c" + "04" + "00" + "00000000" + "000200000000" + "000400010000");
  }

  @Test
  void aWindowUpdateIsFourBytes() {
    Frames.windowUpdate(out, 7, 0x7fffffff);

    assertThat(hex()).isEqualTo("000004" + "08" + "00" + "00000007" + "7fffffff");
  }
}
