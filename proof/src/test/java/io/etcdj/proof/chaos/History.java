package io.etcdj.proof.chaos;

import io.etcdj.proof.history.Operation;
import java.util.ArrayList;
import java.util.List;

/** What all clients did, as it is written down while they do it. */
final class History {
  private final List<Operation> operations = new ArrayList<>();
  private int unanswered;
  private int refused;

  synchronized void add(Operation operation) {
    operations.add(operation);
    if (operation.answer() == null) {
      unanswered++;
    }
  }

  /** Counts a call that certainly had no effect. */
  synchronized void addRefused() {
    refused++;
  }

  synchronized List<Operation> operations() {
    return List.copyOf(operations);
  }

  synchronized int answered() {
    return operations.size() - unanswered;
  }

  synchronized int unanswered() {
    return unanswered;
  }

  synchronized int refused() {
    return refused;
  }
}
