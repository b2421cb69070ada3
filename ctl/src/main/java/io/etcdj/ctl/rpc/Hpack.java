package io.etcdj.ctl.rpc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Header compression for HTTP/2 (RFC 7541).
 *
 * <p>Writing is deliberately plain: literals that the peer need not remember, so there is no
 * encoder state. Reading is complete, because the peer chooses: static and dynamic table, Huffman
 * strings, table size changes. One instance reads for one connection.
 */
final class Hpack {
  /** One header line. */
  record Header(String name, String value) {
    /** What an entry costs in the dynamic table (RFC 7541, 4.1). */
    int tableBytes() {
      return name.length() + value.length() + 32;
    }
  }

  private static final int DEFAULT_TABLE_BYTES = 4096;

  /** RFC 7541, appendix A, entry 1 first; name and value are parted by a blank. */
  private static final String[] STATIC_TABLE = {
    ":authority",
    ":method GET",
    ":method POST",
    ":path /",
    ":path /index.html",
    ":scheme http",
    ":scheme https",
    ":status 200",
    ":status 204",
    ":status 206",
    ":status 304",
    ":status 400",
    ":status 404",
    ":status 500",
    "accept-charset",
    "accept-encoding gzip, deflate",
    "accept-language",
    "accept-ranges",
    "accept",
    "access-control-allow-origin",
    "age",
    "allow",
    "authorization",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-range",
    "content-type",
    "cookie",
    "date",
    "etag",
    "expect",
    "expires",
    "from",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "last-modified",
    "link",
    "location",
    "max-forwards",
    "proxy-authenticate",
    "proxy-authorization",
    "range",
    "referer",
    "refresh",
    "retry-after",
    "server",
    "set-cookie",
    "strict-transport-security",
    "transfer-encoding",
    "user-agent",
    "vary",
    "via",
    "www-authenticate",
  };

  // Newest first: index 62 is the first element.
  private final ArrayDeque<Header> dynamicTable = new ArrayDeque<>();
  private int dynamicBytes;
  private int dynamicLimitBytes = DEFAULT_TABLE_BYTES;

  /** Writes one header as a literal that is not added to the peer's table. */
  static void write(Bytes out, String name, String value) {
    out.put(0);
    writeString(out, name);
    writeString(out, value);
  }

  private static void writeString(Bytes out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    writeInteger(out, 0, 7, bytes.length);
    out.put(bytes);
  }

  /** An integer with a prefix of {@code prefixBits}, its first byte or-ed with {@code pattern}. */
  static void writeInteger(Bytes out, int pattern, int prefixBits, int value) {
    int limit = (1 << prefixBits) - 1;
    if (value < limit) {
      out.put(pattern | value);
      return;
    }
    out.put(pattern | limit);
    int rest = value - limit;
    while (rest >= 128) {
      out.put((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.put(rest);
  }

  /** Expands one complete header block. */
  List<Header> read(byte[] block) throws IOException {
    List<Header> headers = new ArrayList<>();
    Cursor in = new Cursor(block);
    while (in.position < block.length) {
      int first = block[in.position] & 0xff;
      if ((first & 0x80) != 0) { // 6.1 indexed
        headers.add(entry(in.integer(7)));
      } else if ((first & 0x40) != 0) { // 6.2.1 literal, to be remembered
        Header header = literal(in, in.integer(6));
        remember(header);
        headers.add(header);
      } else if ((first & 0x20) != 0) { // 6.3 the peer changes the size of its table
        int limit = in.integer(5);
        if (limit > DEFAULT_TABLE_BYTES) {
          throw new IOException("http2: HPACK table of " + limit + " bytes was never offered");
        }
        dynamicLimitBytes = limit;
        evict();
      } else { // 6.2.2 and 6.2.3 literal, not to be remembered
        headers.add(literal(in, in.integer(4)));
      }
    }
    return headers;
  }

  private Header literal(Cursor in, int nameIndex) throws IOException {
    String name = nameIndex == 0 ? in.string() : entry(nameIndex).name();
    return new Header(name, in.string());
  }

  private Header entry(int index) throws IOException {
    if (index >= 1 && index <= STATIC_TABLE.length) {
      String line = STATIC_TABLE[index - 1];
      int blank = line.indexOf(' ');
      return blank < 0
          ? new Header(line, "")
          : new Header(line.substring(0, blank), line.substring(blank + 1));
    }
    int position = index - STATIC_TABLE.length - 1;
    if (position < 0 || position >= dynamicTable.size()) {
      throw new IOException("http2: HPACK index " + index + " is not in the table");
    }
    Iterator<Header> entries = dynamicTable.iterator();
    for (int i = 0; i < position; i++) {
      entries.next();
    }
    return entries.next();
  }

  private void remember(Header header) {
    dynamicTable.addFirst(header);
    dynamicBytes += header.tableBytes();
    evict(); // an entry larger than the whole table empties it, which is what 4.4 asks for
  }

  private void evict() {
    while (dynamicBytes > dynamicLimitBytes) {
      dynamicBytes -= dynamicTable.removeLast().tableBytes();
    }
  }

  /** Reads the primitives of RFC 7541, section 5. */
  private static final class Cursor {
    private final byte[] block;
    private int position;

    Cursor(byte[] block) {
      this.block = block;
    }

    int next() throws IOException {
      if (position == block.length) {
        throw new IOException("http2: header block ends too early");
      }
      return block[position++] & 0xff;
    }

    int integer(int prefixBits) throws IOException {
      int limit = (1 << prefixBits) - 1;
      int value = next() & limit;
      if (value < limit) {
        return value;
      }
      for (int shift = 0; shift <= 21; shift += 7) {
        int part = next();
        value += (part & 0x7f) << shift;
        if ((part & 0x80) == 0) {
          return value;
        }
      }
      throw new IOException("http2: HPACK integer is too long");
    }

    String string() throws IOException {
      boolean huffman = position < block.length && (block[position] & 0x80) != 0;
      int length = integer(7);
      if (length > block.length - position) {
        throw new IOException("http2: header block ends too early");
      }
      position += length;
      return huffman
          ? Huffman.decode(block, position - length, length)
          : new String(block, position - length, length, StandardCharsets.UTF_8);
    }
  }
}
