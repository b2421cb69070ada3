package io.etcdj.dist;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs many command lines in one process, because the recording for a start-up archive is of one
 * process: one command line per line of standard input, words separated by single blanks.
 *
 * <p>The program is named on the command line and has a {@code static int run(String[],
 * Environment)} besides its {@code main}. The last command line goes through {@code main}, as every
 * later one will; it has to succeed, because a failure would end this process.
 */
public final class ToolTraining {
  private ToolTraining() {}

  public static void main(String[] args) throws IOException, ReflectiveOperationException {
    Class<?> program = Class.forName(args[0]);
    Method run = runOf(program);
    Class<?> environmentType = run.getParameterTypes()[1];
    Object environment = environmentType.getMethod("ofProcess").invoke(null);
    List<String[]> commands = commandLines();
    for (String[] words : commands) {
      run.invoke(null, words, environment);
    }
    program
        .getMethod("main", String[].class)
        .invoke(null, (Object) commands.get(commands.size() - 1));
  }

  /** Read at once: a command may want the standard input for itself. */
  static List<String[]> commandLines() throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    List<String[]> lines = new ArrayList<>();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      lines.add(line.split(" ", -1));
    }
    return lines;
  }

  private static Method runOf(Class<?> program) throws NoSuchMethodException {
    for (Method method : program.getMethods()) {
      if (method.getName().equals("run") && method.getParameterCount() == 2) {
        return method;
      }
    }
    throw new NoSuchMethodException(program + " has no run(String[], Environment)");
  }
}
