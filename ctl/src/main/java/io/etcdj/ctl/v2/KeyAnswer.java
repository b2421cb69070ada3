package io.etcdj.ctl.v2;

import io.etcdj.ctl.print.GoJson;
import org.jspecify.annotations.Nullable;

/**
 * What happened to a key, or what it holds.
 *
 * @param action get, set, create, update, delete, expire, compareAndSwap or compareAndDelete
 * @param index of the store, when it was answered
 */
record KeyAnswer(String action, Node node, @Nullable Node before, long index) {

  /** Prints it in the form that the call asks for. */
  void print(Call call) {
    switch (call.format()) {
      case "simple" -> {
        if (action.equals("delete")) {
          call.print("PrevNode.Value: " + valueBefore());
        } else {
          call.print(node.value());
        }
      }
      case "extended" -> extended(call);
      case "json" -> call.print(json());
      default -> call.complain("Unsupported output format: " + call.format());
    }
  }

  private String valueBefore() {
    return before == null ? "" : before.value();
  }

  private void extended(Call call) {
    call.print("Key: " + node.key());
    call.print("Created-Index: " + Long.toUnsignedString(node.createdIndex()));
    call.print("Modified-Index: " + Long.toUnsignedString(node.modifiedIndex()));
    if (before != null) {
      call.print("PrevNode.Value: " + before.value());
    }
    call.print("TTL: " + node.ttlSeconds());
    call.print("Index: " + Long.toUnsignedString(index));
    if (!action.equals("delete")) {
      call.print("");
      call.print(node.value());
    }
  }

  private String json() {
    GoJson out = new GoJson(false).beginObject().name("action").string(action);
    node.write(out.name("node"));
    out.name("prevNode");
    if (before == null) {
      out.nothing();
    } else {
      before.write(out);
    }
    return out.endObject().toString();
  }
}
