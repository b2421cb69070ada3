package io.etcdj.server.v2;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.server.cluster.LeaderCalls;
import io.etcdj.server.cluster.MemberChanges;
import io.etcdj.server.front.http.Answers;
import io.etcdj.server.front.http.Bodies;
import io.etcdj.server.text.EtcdUrl;
import io.etcdj.state.membership.Member;
import io.etcdj.state.membership.Membership;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code /v2/members} and {@code /v2/machines}. Shared by all loops. */
final class Members {
  static final String PATH = "/v2/members";

  private static final List<String> METHODS = List.of("GET", "POST", "DELETE", "PUT");
  private static final int MAX_BODY_BYTES = 1 << 20;

  private final String clusterId;
  private final Membership membership;
  private final MemberChanges changes;
  private final LongSupplier leader;

  Members(String clusterId, Membership membership, MemberChanges changes, LongSupplier leader) {
    this.clusterId = clusterId;
    this.membership = membership;
    this.changes = changes;
    this.leader = leader;
  }

  void machines(HttpServerRequest request) {
    if (V2Answers.allow(request, List.of("GET", "HEAD"))) {
      Answers.text(
          request.response(),
          membership.members().stream()
              .flatMap(member -> member.clientUrls().stream())
              .sorted()
              .collect(Collectors.joining(", ")));
    }
  }

  void handle(HttpServerRequest request) {
    if (!V2Answers.allow(request, METHODS)) {
      return;
    }
    request.response().putHeader(V2Answers.CLUSTER_ID, clusterId);
    String below = Objects.requireNonNull(request.path()).substring(PATH.length());
    String name = below.startsWith("/") ? below.substring(1) : below;
    switch (request.method().name()) {
      case "GET" -> get(request.response(), name);
      case "POST" -> withUrls(request, urls -> add(request.response(), urls));
      case "DELETE" -> {
        Long id = id(request.response(), name);
        if (id != null) {
          remove(request.response(), id);
        }
      }
      default -> {
        Long id = id(request.response(), name);
        if (id != null) {
          withUrls(request, urls -> update(request.response(), id, urls));
        }
      }
    }
  }

  private void get(HttpServerResponse response, String name) {
    switch (name) {
      case "" ->
          Answers.json(
              response,
              membership.members().stream()
                  .map(Members::json)
                  .collect(Collectors.joining(",", "{\"members\":[", "]}\n")));
      case "leader" -> {
        Member leading = membership.member(leader.getAsLong());
        if (leading == null) {
          V2Answers.refuse(response, 503, "During election");
        } else {
          Answers.json(response, json(leading) + "\n");
        }
      }
      default -> V2Answers.refuse(response, 404, "Not found");
    }
  }

  private static String json(Member member) {
    return "{\"id\":\""
        + Long.toHexString(member.id())
        + "\",\"name\":"
        + GoJson.quote(member.name())
        + ",\"peerURLs\":"
        + GoJson.list(member.peerUrls())
        + ",\"clientURLs\":"
        + GoJson.list(member.clientUrls())
        + "}";
  }

  private static @Nullable Long id(HttpServerResponse response, String name) {
    if (name.isEmpty()) {
      Answers.error(response, 405, "Method Not Allowed");
      return null;
    }
    try {
      if (name.charAt(0) != '+') {
        return Long.parseUnsignedLong(name, 16);
      }
    } catch (NumberFormatException e) {
      // no member has such a name
    }
    V2Answers.refuse(response, 404, "No such member: " + name);
    return null;
  }

  private void add(HttpServerResponse response, List<String> urls) {
    finish(
        response,
        () -> changes.add(urls, false),
        added -> {
          response.setStatusCode(201);
          Answers.json(response, json(added) + "\n");
        },
        0);
  }

  private void remove(HttpServerResponse response, long id) {
    if (membership.isRemoved(id)) {
      V2Answers.refuse(response, 410, "Member permanently removed: " + Long.toHexString(id));
      return;
    }
    finish(response, () -> changes.remove(id), done -> noContent(response), id);
  }

  private void update(HttpServerResponse response, long id, List<String> urls) {
    finish(
        response,
        () -> changes.update(id, urls.stream().sorted().toList()),
        done -> noContent(response),
        id);
  }

  private static void noContent(HttpServerResponse response) {
    response.setStatusCode(204).end();
  }

  private static <T> void finish(
      HttpServerResponse response,
      Supplier<CompletableFuture<T>> change,
      Consumer<T> success,
      long id) {
    Context context = Objects.requireNonNull(Vertx.currentContext());
    CompletableFuture<T> changing;
    try {
      changing = change.get();
    } catch (EtcdException refusal) {
      changing = CompletableFuture.failedFuture(refusal);
    }
    var unused =
        changing.whenComplete(
            (result, failure) ->
                context.runOnContext(
                    now -> {
                      if (response.closed() || response.ended()) {
                        return;
                      }
                      if (failure == null) {
                        success.accept(result);
                      } else {
                        refuse(response, LeaderCalls.refusal(failure).error(), id);
                      }
                    }));
  }

  private static void refuse(HttpServerResponse response, @Nullable EtcdError error, long id) {
    if (error == EtcdError.PEER_URL_EXIST) {
      V2Answers.refuse(response, 409, "membership: peerURL exists");
    } else if (error == EtcdError.MEMBER_EXIST) {
      V2Answers.refuse(response, 409, "membership: ID exists");
    } else if (error == EtcdError.MEMBER_NOT_FOUND) {
      V2Answers.refuse(response, 404, "No such member: " + Long.toHexString(id));
    } else {
      V2Answers.refuse(response, 500, "Internal Server Error");
    }
  }

  // ---- Bodies -----------------------------------------------------------------------------------

  private static void withUrls(HttpServerRequest request, Consumer<List<String>> next) {
    String header = request.getHeader(HttpHeaders.CONTENT_TYPE);
    String type = header == null ? "" : header;
    if (type.indexOf(';') >= 0) {
      type = type.substring(0, type.indexOf(';')).strip().toLowerCase(Locale.ROOT);
    }
    if (!type.equals(V2Answers.JSON)) {
      V2Answers.refuse(
          request.response(), 415, "Bad Content-Type " + type + ", accept application/json");
      return;
    }
    Bodies.read(
        request,
        MAX_BODY_BYTES,
        body -> {
          List<String> urls;
          try {
            urls = urls(body.toString(UTF_8));
          } catch (IllegalArgumentException e) {
            V2Answers.refuse(request.response(), 400, String.valueOf(e.getMessage()));
            return;
          }
          next.accept(urls);
        });
  }

  private static List<String> urls(String body) {
    List<String> urls = new ArrayList<>();
    if (body.isBlank()) {
      throw new IllegalArgumentException("unexpected end of JSON input");
    }
    try {
      JsonObject json = JsonParser.parseString(body).getAsJsonObject();
      JsonElement given = json.get("peerURLs");
      if (given != null && !given.isJsonNull()) {
        for (JsonElement url : given.getAsJsonArray()) {
          urls.add(url.getAsString());
        }
      }
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      throw new IllegalArgumentException("invalid JSON in request body", e);
    }
    if (urls.isEmpty()) {
      throw new IllegalArgumentException("no valid URLs given");
    }
    return urls.stream().map(url -> EtcdUrl.parse(url).toString()).sorted().toList();
  }
}
