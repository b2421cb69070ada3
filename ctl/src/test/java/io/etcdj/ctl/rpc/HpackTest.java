package io.etcdj.ctl.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The examples of RFC 7541, appendix C, whose numbers the comments give. */
class HpackTest {
  private static List<String> read(Hpack hpack, String hex) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Hpack.Header header : hpack.read(HexFormat.of().parseHex(hex.replace(" ", "")))) {
      lines.add(header.name() + ": " + header.value());
    }
    return lines;
  }

  @Test
  void requestsWithHuffmanCodingFillTheDynamicTable() throws IOException {
    Hpack hpack = new Hpack();
    assertThat(read(hpack, "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff")) // C.4.1
        .containsExactly(
            ":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com");
    assertThat(read(hpack, "8286 84be 5886 a8eb 1064 9cbf")) // C.4.2
        .containsExactly(
            ":method: GET",
            ":scheme: http",
            ":path: /",
            ":authority: www.example.com",
            "cache-control: no-cache");
    assertThat(read(hpack, "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf")) // C.4.3
        .contains(":path: /index.html", "custom-key: custom-value");
  }

  @Test
  void aSmallTableEvictsItsOldestEntries() throws IOException {
    Hpack hpack = new Hpack();
    String limit256 = "3f e1 01";
    read(
        hpack,
        limit256
            + "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b"
            + "ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3"); // C.6.1
    assertThat(read(hpack, "4883 640e ffc1 c0bf")) // C.6.2
        .containsExactly(
            ":status: 307",
            "cache-control: private",
            "date: Mon, 21 Oct 2013 20:13:21 GMT",
            "location: https://www.example.com");
    assertThat(
            read(
                hpack,
                "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab"
                    + "77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5"
                    + "291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07")) // C.6.3
        .containsExactly(
            ":status: 200",
            "cache-control: private",
            "date: Mon, 21 Oct 2013 20:13:22 GMT",
            "location: https://www.example.com",
            "content-encoding: gzip",
            "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1");
  }

  @Test
  void integersBeyondThePrefixContinueInFurtherBytes() {
    Bytes out = new Bytes(8);
    Hpack.writeInteger(out, 0, 5, 10);
    Hpack.writeInteger(out, 0, 5, 1337);
    assertThat(out.take(out.size())).containsExactly(10, 31, 154, 10); // C.1.1, C.1.2
  }

  @Test
  void whatIsWrittenCanBeRead() throws IOException {
    Bytes out = new Bytes(8);
    Hpack.write(out, "token", "é".repeat(200));
    assertThat(new Hpack().read(out.take(out.size())))
        .containsExactly(new Hpack.Header("token", "é".repeat(200)));
  }

  @Test
  void brokenBlocksAreRefused() {
    assertThatThrownBy(() -> read(new Hpack(), "be")).hasMessageContaining("not in the table");
    assertThatThrownBy(() -> read(new Hpack(), "4005")).hasMessageContaining("ends too early");
    assertThatThrownBy(() -> read(new Hpack(), "0081 ff")).hasMessageContaining("padding");
    assertThatThrownBy(() -> read(new Hpack(), "7fff ffff ff7f")).hasMessageContaining("too long");
  }

  @Test
  void statusMessagesArePercentDecoded() {
    assertThat(GrpcCall.percentDecode("a%20b%C3%A9 50%")).isEqualTo("a bé 50%");
  }
}
