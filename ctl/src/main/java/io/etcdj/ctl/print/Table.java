package io.etcdj.ctl.print;

import java.io.PrintStream;
import java.util.List;

/** A table in box-drawing characters: headings centred, cells to the right. */
public final class Table {
  private Table() {}

  public static void print(PrintStream out, List<String> header, List<List<String>> rows) {
    int[] widths = new int[header.size()];
    measure(widths, header);
    for (List<String> row : rows) {
      measure(widths, row);
    }
    StringBuilder text = new StringBuilder();
    border(text, widths, "┌", "┬", "┐");
    for (int i = 0; i < widths.length; i++) {
      int spare = widths[i] - width(header.get(i));
      text.append("│ ");
      pad(text, spare / 2);
      text.append(header.get(i));
      pad(text, spare - spare / 2);
      text.append(' ');
    }
    text.append("│\n");
    border(text, widths, "├", "┼", "┤");
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        text.append("│ ");
        pad(text, widths[i] - width(row.get(i)));
        text.append(row.get(i)).append(' ');
      }
      text.append("│\n");
    }
    border(text, widths, "└", "┴", "┘");
    out.print(text);
  }

  private static void measure(int[] widths, List<String> row) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], width(row.get(i)));
    }
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  private static void border(
      StringBuilder text, int[] widths, String left, String middle, String right) {
    for (int i = 0; i < widths.length; i++) {
      text.append(i == 0 ? left : middle);
      for (int k = 0; k < widths[i] + 2; k++) {
        text.append('─');
      }
    }
    text.append(right).append('\n');
  }

  private static void pad(StringBuilder text, int count) {
    for (int i = 0; i < count; i++) {
      text.append(' ');
    }
  }
}
