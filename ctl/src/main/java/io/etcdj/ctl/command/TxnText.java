package io.etcdj.ctl.command;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.Compare;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.text.GoNumber;
import io.etcdj.ctl.text.GoStrings;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The language of {@code txn}: blocks of lines, each ended by an empty one.
 *
 * <pre>
 *   mod("key1") &gt; "0"          compares: target("key") = != &lt; &gt; "value"
 *
 *   put key1 "overwritten"     operations: get, put and del with their flags
 *
 *   get key1 --rev=2
 *
 * </pre>
 */
final class TxnText {
  private final InputLines lines;

  TxnText(Environment environment) {
    this.lines = new InputLines(environment.in());
  }

  List<Compare> compares() {
    List<Compare> compares = new ArrayList<>();
    for (String line = nextLine(); !line.isEmpty(); line = nextLine()) {
      compares.add(compare(line));
    }
    return compares;
  }

  List<RequestOp> operations() {
    List<RequestOp> operations = new ArrayList<>();
    for (String line = nextLine(); !line.isEmpty(); line = nextLine()) {
      operations.add(operation(line));
    }
    return operations;
  }

  private String nextLine() {
    String line = lines.next();
    if (line == null) {
      throw invalid("EOF");
    }
    return line.strip();
  }

  private static Failure invalid(String text) {
    return new Failure(ExitCode.INVALID_INPUT, text);
  }

  static Compare compare(String line) {
    int parenthesis = line.indexOf('(');
    if (parenthesis < 0) {
      throw invalid("malformed comparison: " + line);
    }
    String target = line.substring(0, parenthesis);
    Scanner scanner = new Scanner(line, parenthesis + 1);
    byte[] key = scanner.quoted();
    boolean closed = scanner.skip(')');
    Compare.CompareResult result = result(scanner.word());
    byte[] value = scanner.quoted();
    if (key == null || !closed || result == null || value == null) {
      throw invalid("malformed comparison: " + line);
    }
    Compare.Builder compare =
        Compare.newBuilder().setKey(ByteString.copyFrom(key)).setResult(result);
    String number = ByteString.copyFrom(value).toStringUtf8();
    try {
      switch (target) {
        case "ver", "version" ->
            compare
                .setTarget(Compare.CompareTarget.VERSION)
                .setVersion(GoNumber.parseInt(number, 10));
        case "c", "create" ->
            compare
                .setTarget(Compare.CompareTarget.CREATE)
                .setCreateRevision(GoNumber.parseInt(number, 10));
        case "m", "mod" ->
            compare
                .setTarget(Compare.CompareTarget.MOD)
                .setModRevision(GoNumber.parseInt(number, 10));
        case "val", "value" ->
            compare.setTarget(Compare.CompareTarget.VALUE).setValue(ByteString.copyFrom(value));
        case "lease" ->
            compare
                .setTarget(Compare.CompareTarget.LEASE)
                .setLease(GoNumber.parseInt(number, 16)); // lease ids are hex everywhere else too
        default ->
            throw invalid("malformed comparison: " + line + " (unknown target " + target + ")");
      }
    } catch (IllegalArgumentException e) {
      throw invalid("invalid txn compare request: " + line);
    }
    return compare.build();
  }

  private static Compare.@Nullable CompareResult result(String operator) {
    return switch (operator) {
      case "=" -> Compare.CompareResult.EQUAL;
      case "!=" -> Compare.CompareResult.NOT_EQUAL;
      case "<" -> Compare.CompareResult.LESS;
      case ">" -> Compare.CompareResult.GREATER;
      default -> null;
    };
  }

  static RequestOp operation(String line) {
    List<String> words = Words.split(line);
    if (words.size() < 2) {
      throw invalid("invalid txn compare request: " + line);
    }
    String name = words.remove(0);
    return switch (name) {
      case "get" ->
          RequestOp.newBuilder()
              .setRequestRange(GetCommand.request(parse(GetCommand.FLAGS, words, line)))
              .build();
      case "put" ->
          RequestOp.newBuilder()
              .setRequestPut(
                  PutCommand.request(
                      parse(PutCommand.FLAGS, words, line), InputStream.nullInputStream()))
              .build();
      case "del" ->
          RequestOp.newBuilder()
              .setRequestDeleteRange(DelCommand.request(parse(DelCommand.FLAGS, words, line)))
              .build();
      default -> throw invalid("invalid txn request: " + line);
    };
  }

  private static Flags parse(Flag[] flags, List<String> words, String line) {
    try {
      return Flags.parse(flags, new Flag[0], words);
    } catch (IllegalArgumentException e) {
      throw invalid("invalid txn request: " + line);
    }
  }

  /** Walks over one compare line. */
  private static final class Scanner {
    private final String line;
    private int position;

    Scanner(String line, int position) {
      this.line = line;
      this.position = position;
    }

    private void skipBlanks() {
      while (position < line.length() && Character.isWhitespace(line.charAt(position))) {
        position++;
      }
    }

    byte @Nullable [] quoted() {
      skipBlanks();
      int end = GoStrings.endOfQuoted(line, position);
      if (end < 0) {
        return null;
      }
      byte[] text = GoStrings.unquote(line.substring(position, end));
      position = end;
      return text;
    }

    boolean skip(char c) {
      if (position < line.length() && line.charAt(position) == c) {
        position++;
        return true;
      }
      return false;
    }

    String word() {
      skipBlanks();
      int start = position;
      while (position < line.length() && !Character.isWhitespace(line.charAt(position))) {
        position++;
      }
      return line.substring(start, position);
    }
  }
}
