package io.etcdj.ctl.v2;

import io.etcdj.ctl.print.GoJson;
import io.etcdj.ctl.rpc.Deadline;
import io.etcdj.ctl.rpc.HttpAnswer;
import io.etcdj.ctl.text.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /v2/auth}: the switch, users and roles. */
final class AuthApi {
  private static final String SWITCH = "/v2/auth/enable";
  private static final String USERS = "/v2/auth/users";
  private static final String ROLES = "/v2/auth/roles";

  /** A user and the roles that it has. */
  record User(String name, List<String> roles) {}

  /** A role and the paths that it may read and write. */
  record Role(String name, List<String> reads, List<String> writes) {}

  private final Cluster cluster;
  private final Deadline deadline;

  /**
   * @param deadline for all that is asked
   */
  private AuthApi(Cluster cluster, Deadline deadline) {
    this.cluster = cluster;
    this.deadline = deadline;
  }

  /** Reaches the cluster of a call; {@code --total-timeout} begins then. */
  static AuthApi open(Call call) {
    return new AuthApi(Session.openForAuth(call), call.deadline());
  }

  void turn(boolean on) throws ClientException {
    send(Action.of(on ? "PUT" : "DELETE", SWITCH));
  }

  List<String> users() throws ClientException {
    List<String> names = new ArrayList<>();
    for (Json user : send(Action.of("GET", USERS)).get("users").items()) {
      names.add(user.get("user").text());
    }
    return names;
  }

  User user(String name) throws ClientException {
    Json json = send(Action.of("GET", USERS + "/" + name));
    return new User(json.get("user").text(), roleNames(json));
  }

  /** Makes a user, or changes its password. */
  void putUser(String name, String password) throws ClientException {
    changeUser(name, password, null, List.of());
  }

  void removeUser(String name) throws ClientException {
    send(Action.of("DELETE", USERS + "/" + name));
  }

  void grantOrRevoke(String user, boolean grant, List<String> roles) throws ClientException {
    changeUser(user, "", grant ? "grant" : "revoke", roles);
  }

  private void changeUser(String name, String password, @Nullable String change, List<String> roles)
      throws ClientException {
    GoJson json = new GoJson(false).beginObject().name("user").string(name);
    if (!password.isEmpty()) {
      json.name("password").string(password);
    }
    json.name("roles").nothing();
    if (change != null) {
      texts(json.name(change), roles);
    }
    send(Action.withJson("PUT", USERS + "/" + name, json.endObject().toString()));
  }

  List<String> roles() throws ClientException {
    return roleNames(send(Action.of("GET", ROLES)));
  }

  /** Of {@code roles}, which holds names or, where the server knows more of them, objects. */
  private static List<String> roleNames(Json json) {
    List<String> names = new ArrayList<>();
    for (Json role : json.get("roles").items()) {
      names.add(role.isObject() ? role.get("role").text() : role.text());
    }
    return names;
  }

  Role role(String name) throws ClientException {
    return role(send(Action.of("GET", ROLES + "/" + name)));
  }

  private static Role role(Json json) {
    Json paths = json.get("permissions").get("kv");
    return new Role(json.get("role").text(), paths.get("read").texts(), paths.get("write").texts());
  }

  void addRole(String name) throws ClientException {
    putRole(name, null, List.of(), List.of());
  }

  void removeRole(String name) throws ClientException {
    send(Action.of("DELETE", ROLES + "/" + name));
  }

  /** Changes what a role may do; returns the role as it is then. */
  Role grantOrRevoke(String role, boolean grant, List<String> reads, List<String> writes)
      throws ClientException {
    return role(putRole(role, grant ? "grant" : "revoke", reads, writes));
  }

  private Json putRole(
      String name, @Nullable String change, List<String> reads, List<String> writes)
      throws ClientException {
    GoJson json = new GoJson(false).beginObject().name("role").string(name);
    paths(json.name("permissions"), List.of(), List.of());
    if (change != null) {
      paths(json.name(change), reads, writes);
    }
    return send(Action.withJson("PUT", ROLES + "/" + name, json.endObject().toString()));
  }

  private static void paths(GoJson json, List<String> reads, List<String> writes) {
    json.beginObject().name("kv").beginObject();
    texts(json.name("read"), reads);
    texts(json.name("write"), writes);
    json.endObject().endObject();
  }

  /** An array, or null for none of it. */
  private static void texts(GoJson json, List<String> texts) {
    if (texts.isEmpty()) {
      json.nothing();
      return;
    }
    json.beginArray();
    for (String text : texts) {
      json.next().string(text);
    }
    json.endArray();
  }

  private Json send(Action action) throws ClientException {
    HttpAnswer answer = cluster.send(action, deadline);
    try {
      if (answer.status() == 200 || answer.status() == 201) {
        return answer.body().length == 0 ? Json.parse("null") : Json.parse(answer.text());
      }
      throw new ClientException(Json.parse(answer.text()).get("message").text());
    } catch (IllegalArgumentException e) {
      throw new ClientException(String.valueOf(e.getMessage()));
    }
  }
}
