package io.etcdj.ctl.print;

import io.etcdj.ctl.cli.Failure;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/** The choice that {@code --write-out} offers. */
public final class Format {
  private Format() {}

  /** The printer of that name, or null if there is none. */
  public static @Nullable Printer printer(String name, PrintStream out, boolean hex) {
    return switch (name) {
      case "simple" -> new SimplePrinter(out, hex);
      case "fields" -> new FieldsPrinter(out);
      case "json" -> new JsonPrinter(out, hex);
      case "protobuf" -> new ProtobufPrinter(out);
      case "table" -> new TablePrinter(out);
      default -> null;
    };
  }

  /** This kind of answer has no form in the format of that name. */
  static Failure unsupported(String name) {
    return Failure.badFeature(name + " not supported as output format");
  }
}
