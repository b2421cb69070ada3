package io.etcdj.ctl.v2;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All commands, by name; each is made only when it is wanted. */
final class Verbs {
  private static final String[] NAMES = {
    "backup",
    "cluster-health",
    "mk",
    "mkdir",
    "rm",
    "rmdir",
    "get",
    "ls",
    "set",
    "setdir",
    "update",
    "updatedir",
    "watch",
    "exec-watch",
    "member",
    "user",
    "role",
    "auth",
  };

  private Verbs() {}

  /** Every command, in the order of the help page. */
  static List<Verb> all() {
    List<Verb> all = new ArrayList<>();
    for (String name : NAMES) {
      Verb verb = find(name);
      if (verb != null) {
        all.add(verb);
      }
    }
    return all;
  }

  static @Nullable Verb find(String name) {
    return switch (name) {
      case "backup" -> new BackupVerb();
      case "cluster-health" -> new ClusterHealthVerb();
      case "mk" -> WriteVerb.mk();
      case "mkdir" -> DirectoryVerb.mkdir();
      case "rm" -> RemoveVerb.rm();
      case "rmdir" -> RemoveVerb.rmdir();
      case "get" -> ReadVerb.get();
      case "ls" -> ReadVerb.ls();
      case "set" -> WriteVerb.set();
      case "setdir" -> DirectoryVerb.setdir();
      case "update" -> WriteVerb.update();
      case "updatedir" -> DirectoryVerb.updatedir();
      case "watch" -> new WatchVerb();
      case "exec-watch" -> new ExecWatchVerb();
      case "member" -> MemberVerb.group();
      case "user" -> UserVerb.group();
      case "role" -> RoleVerb.group();
      case "auth" -> AuthVerb.group();
      default -> null;
    };
  }
}
