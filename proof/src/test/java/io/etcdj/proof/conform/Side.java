package io.etcdj.proof.conform;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.etcdj.api.GrpcCode;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.ServerProcess;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** One of the two servers, and the ways to it. */
final class Side implements AutoCloseable {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final ServerProcess server;
  private final GrpcClient client;

  private Side(ServerProcess server) {
    this.server = server;
    this.client = new GrpcClient(server.clientPort());
  }

  static Side ours(Path directory, String... flags) {
    return start(ServerProcess.Settings.ours(directory).withFlags(flags));
  }

  static Side theirs(Path directory, String... flags) {
    return start(ServerProcess.Settings.original(directory).withFlags(flags));
  }

  static Side start(ServerProcess.Settings settings) {
    return new Side(ServerProcess.start(settings));
  }

  ServerProcess server() {
    return server;
  }

  GrpcClient client() {
    return client;
  }

  long revision() {
    return client.get("no such key").getHeader().getRevision();
  }

  <Q extends Message, R extends Message> Answer ask(Transport transport, Rpc<Q, R> rpc, Q request) {
    return switch (transport) {
      case GRPC -> overGrpc(rpc, request);
      case JSON -> overJson(rpc, print(request));
    };
  }

  private <Q extends Message, R extends Message> Answer overGrpc(Rpc<Q, R> rpc, Q request) {
    try {
      return new Answer(GrpcCode.OK, "", client.call(rpc.grpc(), request), "");
    } catch (StatusRuntimeException e) {
      Status status = e.getStatus();
      String words = status.getDescription();
      return Answer.refusal(GrpcCode.of(status.getCode().value()), words == null ? "" : words);
    }
  }

  /** Posts a body that need not be the JSON of any request. */
  <Q extends Message, R extends Message> Answer overJson(Rpc<Q, R> rpc, String body) {
    HttpResponse<String> response = http("POST", rpc.path(), body);
    JsonObject json = JsonParser.parseString(response.body()).getAsJsonObject();
    if (response.statusCode() != 200) {
      GrpcCode code = GrpcCode.of(json.get("code").getAsInt());
      // Builds of 3.4 differ here, with the gateway that they were made with.
      if (!server.settings().original() && response.statusCode() != code.httpStatus()) {
        throw new AssertionError(
            rpc + ": HTTP " + response.statusCode() + " with " + response.body());
      }
      return Answer.refusal(code, json.get("message").getAsString());
    }
    return new Answer(
        GrpcCode.OK,
        "",
        parse(response.body(), rpc.answer()),
        shape(json, rpc.answer().getDescriptorForType()));
  }

  HttpResponse<String> http(String verb, String path, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.endpoint() + path))
            .timeout(TIMEOUT)
            .method(verb, HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      String log = server.log();
      throw new AssertionError(
          verb + " " + path + " " + body + "\n" + log.substring(Math.max(0, log.length() - 5000)),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static String print(Message request) {
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(request);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Fails on members that the message does not have. */
  @SuppressWarnings("unchecked") // a builder makes messages of its own type
  static <R extends Message> R parse(String json, R type) {
    try {
      Message.Builder builder = type.newBuilderForType();
      JsonFormat.parser().merge(json, builder);
      return (R) builder.build();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("no " + type.getDescriptorForType().getName() + ": " + json, e);
    }
  }

  /** The tree with kinds in place of values; what 3.4 does not know is left out. */
  static String shape(JsonElement json, Descriptor type) {
    if (json instanceof JsonArray array) {
      StringBuilder all = new StringBuilder("[");
      array.forEach(element -> all.append(shape(element, type)));
      return all.append(']').toString();
    }
    if (!(json instanceof JsonObject object)) {
      return json.getAsJsonPrimitive().isString()
          ? "string "
          : json.getAsJsonPrimitive().isNumber() ? "number " : "bool ";
    }
    Map<String, String> members = new TreeMap<>();
    for (Map.Entry<String, JsonElement> member : object.entrySet()) {
      if (!Masks.isNewer(type.getName(), member.getKey())) {
        FieldDescriptor field = type.findFieldByName(member.getKey());
        boolean nested = field != null && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
        members.put(
            member.getKey(), shape(member.getValue(), nested ? field.getMessageType() : type));
      }
    }
    return members.toString();
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
