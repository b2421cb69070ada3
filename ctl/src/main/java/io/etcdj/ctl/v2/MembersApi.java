package io.etcdj.ctl.v2;

import io.etcdj.ctl.print.GoJson;
import io.etcdj.ctl.rpc.Deadline;
import io.etcdj.ctl.rpc.HttpAnswer;
import io.etcdj.ctl.rpc.HttpUrl;
import io.etcdj.ctl.text.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** {@code /v2/members}. */
final class MembersApi {
  private static final String PATH = "/v2/members";
  private static final Set<String> SCHEMES = Set.of("http", "https", "unix", "unixs");

  private final Cluster cluster;

  MembersApi(Cluster cluster) {
    this.cluster = cluster;
  }

  List<Member> list(Deadline deadline) throws ClientException {
    HttpAnswer answer = cluster.send(Action.of("GET", PATH), deadline);
    need(answer, 200);
    List<Member> members = new ArrayList<>();
    for (Json item : parse(answer).get("members").items()) {
      members.add(Member.of(item));
    }
    return members;
  }

  Member leader(Deadline deadline) throws ClientException {
    HttpAnswer answer = cluster.send(Action.of("GET", PATH + "/leader"), deadline);
    need(answer, 200);
    return Member.of(parse(answer));
  }

  Member add(String peerUrl, Deadline deadline) throws ClientException {
    String body = body(List.of(peerUrl));
    HttpAnswer answer = cluster.send(Action.withJson("POST", PATH, body), deadline);
    if (answer.status() == 409) {
      throw new ClientException(parse(answer).get("message").text());
    }
    need(answer, 201);
    return Member.of(parse(answer));
  }

  void remove(String id, Deadline deadline) throws ClientException {
    HttpAnswer answer = cluster.send(Action.of("DELETE", PATH + "/" + id), deadline);
    if (answer.status() != 410) { // gone is what was wanted
      need(answer, 204);
    }
  }

  void update(String id, List<String> peerUrls, Deadline deadline) throws ClientException {
    String body = body(peerUrls);
    HttpAnswer answer = cluster.send(Action.withJson("PUT", PATH + "/" + id, body), deadline);
    if (answer.status() == 404 || answer.status() == 409) {
      throw new ClientException(parse(answer).get("message").text());
    }
    need(answer, 204);
  }

  private static void need(HttpAnswer answer, int status) throws ClientException {
    if (answer.status() != status) {
      throw new ClientException("unexpected status code " + answer.status());
    }
  }

  private static Json parse(HttpAnswer answer) throws ClientException {
    try {
      return Json.parse(answer.text());
    } catch (IllegalArgumentException e) {
      throw new ClientException(String.valueOf(e.getMessage()));
    }
  }

  /** The request for peer URLs, which are checked here, before a server sees them. */
  private static String body(List<String> peerUrls) throws ClientException {
    List<String> sorted = new ArrayList<>();
    for (String url : peerUrls) {
      sorted.add(checked(url.strip()));
    }
    Collections.sort(sorted);
    GoJson json = new GoJson(false).beginObject().name("peerURLs").beginArray();
    for (String url : sorted) {
      json.next().string(url);
    }
    return json.endArray().endObject().toString();
  }

  private static String checked(String text) throws ClientException {
    HttpUrl url;
    try {
      url = HttpUrl.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ClientException(String.valueOf(e.getMessage()));
    }
    if (!SCHEMES.contains(text.substring(0, Math.max(0, text.indexOf("://"))))) {
      throw new ClientException("URL scheme must be http, https, unix, or unixs: " + text);
    }
    String behindHost = url.authority().substring(Math.max(0, url.authority().lastIndexOf(']')));
    if (behindHost.indexOf(':') < 0) {
      throw new ClientException("URL address does not have the form \"host:port\": " + text);
    }
    if (!url.path().isEmpty()) {
      throw new ClientException("URL must not contain a path: " + text);
    }
    return text;
  }
}
