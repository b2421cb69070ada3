package io.etcdj.ctl.rpc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The Huffman code of RFC 7541, appendix B.
 *
 * <p>The code is canonical: within one length the codes count upwards in the order of the symbols,
 * and the first code of a length follows from the shorter ones. So the lengths alone are the whole
 * table: one letter per byte value, 'A' for 5 bits up to 'Z' for 30.
 */
final class Huffman {
  private static final String LENGTHS =
      "ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXXBFFHIBDGFFDGDBBBAAABBBBBBBCDKBHF"
          + "IBCCCCCCCCCCCCCCCCCCCCCCDCDIOIJBKABABABBBACCBBBABCBAABCCCCCKGJIX"
          + "PRPPRRRSRSSSSSTSTTRSTSSSSQRSRSSTRQPRRSSQSRRTQRSSQQRQSRSSPRRRSRRS"
          + "VVPORSRUVVVWWVTUOQVWWVWTQQVVXWWWPTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWV";
  private static final int SHORTEST_BITS = 5;
  private static final int LONGEST_BITS = 30;

  /** Symbols ordered by code. */
  private static final byte[] SYMBOLS = new byte[256];

  /** Per length: the first code, and where its symbol stands in {@link #SYMBOLS}. */
  private static final int[] FIRST_CODE = new int[LONGEST_BITS + 1];

  private static final int[] FIRST_SYMBOL = new int[LONGEST_BITS + 1];
  private static final int[] COUNT = new int[LONGEST_BITS + 1];

  static {
    for (int symbol = 0; symbol < 256; symbol++) {
      COUNT[bits(symbol)]++;
    }
    int code = 0;
    int position = 0;
    int[] next = new int[LONGEST_BITS + 1];
    for (int bits = SHORTEST_BITS; bits <= LONGEST_BITS; bits++) {
      code <<= 1;
      FIRST_CODE[bits] = code;
      FIRST_SYMBOL[bits] = position;
      next[bits] = position;
      code += COUNT[bits];
      position += COUNT[bits];
    }
    for (int symbol = 0; symbol < 256; symbol++) {
      SYMBOLS[next[bits(symbol)]++] = (byte) symbol;
    }
  }

  private Huffman() {}

  private static int bits(int symbol) {
    return LENGTHS.charAt(symbol) - 'A' + SHORTEST_BITS;
  }

  static String decode(byte[] source, int offset, int length) throws IOException {
    byte[] text = new byte[length * 8 / SHORTEST_BITS];
    int size = 0;
    int code = 0;
    int bits = 0;
    for (int i = offset; i < offset + length; i++) {
      for (int bit = 7; bit >= 0; bit--) {
        code = (code << 1) | ((source[i] >> bit) & 1);
        bits++;
        int rank = code - FIRST_CODE[bits];
        if (rank >= 0 && rank < COUNT[bits]) {
          text[size++] = SYMBOLS[FIRST_SYMBOL[bits] + rank];
          code = 0;
          bits = 0;
        } else if (bits == LONGEST_BITS) {
          throw new IOException("http2: invalid Huffman code"); // this includes EOS (5.2)
        }
      }
    }
    if (bits > 7 || code != (1 << bits) - 1) {
      throw new IOException("http2: invalid Huffman padding"); // must be up to 7 one bits (5.2)
    }
    return new String(text, 0, size, StandardCharsets.UTF_8);
  }
}
