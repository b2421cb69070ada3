package io.etcdj.ctl.utl;

import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.print.GoJson;
import io.etcdj.ctl.print.Table;
import java.util.ArrayList;
import java.util.List;

/** One row of named results, printed in the format that --write-out asks for. */
final class Report {
  private record Column(String title, String field, String jsonName, String text, GoJson json) {}

  private final List<Column> columns = new ArrayList<>();

  Report number(String title, String field, String jsonName, long value, String text) {
    columns.add(new Column(title, field, jsonName, text, new GoJson(false).number(value)));
    return this;
  }

  Report text(String title, String field, String jsonName, String value) {
    columns.add(new Column(title, field, jsonName, value, new GoJson(false).string(value)));
    return this;
  }

  void print(String format, Environment environment) {
    switch (format) {
      case "simple" -> environment.out().print(String.join(", ", row()) + "\n");
      case "table" -> {
        List<String> header = new ArrayList<>();
        for (Column column : columns) {
          header.add(column.title());
        }
        Table.print(environment.out(), header, List.of(row()));
      }
      case "fields" -> {
        for (Column column : columns) {
          String json = column.json().toString();
          String value = json.startsWith("\"") ? column.text() : json;
          environment.out().print("\"" + column.field() + "\" : " + value + "\n");
        }
      }
      case "json" -> {
        StringBuilder line = new StringBuilder("{");
        for (Column column : columns) {
          line.append(line.length() == 1 ? "\"" : ",\"").append(column.jsonName()).append("\":");
          line.append(column.json());
        }
        environment.out().print(line.append("}\n"));
      }
      case "protobuf" -> throw Failure.badFeature("protobuf not supported as output format");
      default -> throw Failure.badFeature("unsupported output format");
    }
  }

  private List<String> row() {
    List<String> row = new ArrayList<>();
    for (Column column : columns) {
      row.add(column.text());
    }
    return row;
  }
}
