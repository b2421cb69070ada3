package io.etcdj.ctl.v2;

import java.util.ArrayList;
import java.util.List;

/** Help pages, in the layout that the v2 etcdctl had them in. */
final class HelpPage {
  private static final Option[] GROUP_OPTIONS = {GlobalOptions.HELP};

  private final StringBuilder out = new StringBuilder(2048);

  private HelpPage() {}

  /** The page of etcdctl itself. */
  static String ofProgram(String name, String version) {
    HelpPage page = new HelpPage();
    page.head(name, "A simple command line client for etcd.");
    page.usage(name + " [global options] command [command options] [arguments...]");
    page.section("VERSION", version);
    List<String[]> commands = new ArrayList<>();
    for (Verb verb : Verbs.all()) {
      commands.add(new String[] {verb.name(), verb.about()});
    }
    commands.add(new String[] {"help, h", "Shows a list of commands or help for one command"});
    page.table("COMMANDS", commands).append('\n');
    page.options("GLOBAL OPTIONS", GlobalOptions.ALL);
    return page.out.toString();
  }

  /** The page of a group of commands. */
  static String ofGroup(String path, Verb group) {
    HelpPage page = new HelpPage();
    page.head(path, group.about());
    page.usage(path + " command [command options] [arguments...]");
    page.children(group);
    page.options("OPTIONS", GROUP_OPTIONS);
    return page.out.append("   \n").toString();
  }

  /** The page that the group's own help command has. */
  static String ofGroupAsProgram(String path, Verb group, String version) {
    HelpPage page = new HelpPage();
    page.head(path, group.about());
    page.usage(path + " [global options] command [command options] [arguments...]");
    page.section("VERSION", version);
    page.children(group);
    page.options("GLOBAL OPTIONS", GROUP_OPTIONS);
    return page.out.toString();
  }

  /** The page of one command. */
  static String ofVerb(String path, Verb verb) {
    HelpPage page = new HelpPage();
    page.head(path, verb.about());
    boolean hasOptions = verb.options().length > 0;
    String arguments = verb.arguments().isEmpty() ? "[arguments...]" : verb.arguments();
    page.out.append("USAGE:\n   ").append(path);
    page.out.append(hasOptions ? " [command options] " : " ").append(arguments).append('\n');
    if (!verb.description().isEmpty()) {
      page.out.append("\nDESCRIPTION:\n");
      for (String line : verb.description().split("\n", -1)) {
        page.out.append(line.isEmpty() ? "" : "   ").append(line).append('\n');
      }
      page.out.setLength(page.out.length() - 1); // the text ends its last line itself
    }
    if (hasOptions) {
      page.out.append('\n');
      page.options("OPTIONS", verb.options());
      page.out.append("   \n");
    }
    return page.out.toString();
  }

  private void head(String path, String about) {
    section("NAME", path + " - " + about);
  }

  private void usage(String line) {
    section("USAGE", line);
  }

  private void section(String title, String line) {
    out.append(title).append(":\n   ").append(line).append("\n\n");
  }

  private void children(Verb group) {
    List<String[]> commands = new ArrayList<>();
    for (Verb child : group.children()) {
      commands.add(new String[] {child.name(), child.about()});
    }
    table("COMMANDS", commands).append('\n');
  }

  private void options(String title, Option[] options) {
    List<String[]> rows = new ArrayList<>();
    for (Option option : options) {
      rows.add(new String[] {option.spelled(), option.explained()});
    }
    table(title, rows);
  }

  private StringBuilder table(String title, List<String[]> rows) {
    int width = 0;
    for (String[] row : rows) {
      width = Math.max(width, row[0].length());
    }
    out.append(title).append(":\n");
    for (String[] row : rows) {
      out.append("   ").append(row[0]);
      for (int i = row[0].length(); i < width + 2; i++) {
        out.append(' ');
      }
      out.append(row[1]).append('\n');
    }
    return out;
  }
}
