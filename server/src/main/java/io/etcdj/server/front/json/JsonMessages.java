package io.etcdj.server.front.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.etcdj.api.GrpcCode;
import io.etcdj.server.front.rpc.Rpc;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Protobuf messages as JSON, by the rules of etcd's gateway: fields go out under their names in the
 * .proto files and come in under those or lowerCamel ones, 64-bit numbers are strings, bytes are
 * base64, what has its default value is left out, unknown fields are ignored. Any thread.
 */
final class JsonMessages {
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

  private JsonMessages() {}

  /** Reads one well-formed JSON value as a message. */
  @SuppressWarnings("unchecked") // a builder builds what it was made from
  static <M extends Message> M parse(byte[] json, M prototype) {
    Message.Builder builder = prototype.newBuilderForType();
    try {
      PARSER.merge(new String(json, StandardCharsets.UTF_8), builder);
    } catch (InvalidProtocolBufferException e) {
      throw new JsonComplaint(json).about(builder.getDescriptorForType());
    }
    return (M) builder.build();
  }

  static String print(Message message) {
    try {
      return PRINTER.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(e); // only an Any of unknown type cannot be printed
    }
  }

  /** A stream's element: {@code {"result":…}} and a newline. */
  static byte[] line(Message message) {
    return ("{\"result\":" + print(message) + "}\n").getBytes(StandardCharsets.UTF_8);
  }

  /** An answer of which only the encoding is at hand. */
  static String print(Rpc<?, ?> rpc, ByteString encoded) throws InvalidProtocolBufferException {
    return print(DynamicMessage.parseFrom(responseType(rpc), encoded));
  }

  private static Descriptor responseType(Rpc<?, ?> rpc) {
    for (ServiceDescriptor service :
        rpc.requestDefault().getDescriptorForType().getFile().getServices()) {
      if (service.getFullName().equals(rpc.service())) {
        return service.findMethodByName(rpc.method()).getOutputType();
      }
    }
    throw new IllegalStateException("no descriptor for " + rpc.path());
  }

  /** {@code {"code":5,"message":"Not Found"}} */
  static String error(GrpcCode code, String message) {
    StringBuilder json = new StringBuilder("{\"code\":").append(code.number());
    if (!message.isEmpty()) {
      json.append(",\"message\":");
      quote(json, message);
    }
    return json.append('}').toString();
  }

  /** RFC 8259, section 7; only what must be escaped is. */
  private static void quote(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ') {
            json.append(String.format("\\u%04x", (int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }
}
