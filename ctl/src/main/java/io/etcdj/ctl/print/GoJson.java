package io.etcdj.ctl.print;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * JSON as Go's {@code encoding/json} writes the generated structs, which is not protobuf's JSON:
 * numbers stay numbers, enums are numbers, what is zero is left out, and a oneof wraps its content
 * in an object with the oneof's capitalised name.
 */
public final class GoJson {
  /** Which fields {@code --hex} turns into hex strings. */
  private static final Set<String> ID_FIELDS = Set.of("cluster_id", "member_id", "ID");

  private final StringBuilder out = new StringBuilder();
  private final boolean hexIds;
  private boolean first = true;

  public GoJson(boolean hexIds) {
    this.hexIds = hexIds;
  }

  public GoJson beginObject() {
    out.append('{');
    first = true;
    return this;
  }

  public GoJson endObject() {
    out.append('}');
    first = false;
    return this;
  }

  public GoJson beginArray() {
    out.append('[');
    first = true;
    return this;
  }

  public GoJson endArray() {
    out.append(']');
    first = false;
    return this;
  }

  /** Starts the next member of an object. */
  public GoJson name(String name) {
    next();
    string(name);
    out.append(':');
    first = true;
    return this;
  }

  /** Starts the next item of an array. */
  public GoJson next() {
    if (!first) {
      out.append(',');
    }
    first = false;
    return this;
  }

  public GoJson number(long value) {
    out.append(value);
    first = false;
    return this;
  }

  public GoJson unsigned(long value) {
    out.append(Long.toUnsignedString(value));
    first = false;
    return this;
  }

  public GoJson bool(boolean value) {
    out.append(value);
    first = false;
    return this;
  }

  public GoJson nothing() {
    out.append("null");
    first = false;
    return this;
  }

  public GoJson bytes(ByteString value) {
    out.append('"').append(Base64.getEncoder().encodeToString(value.toByteArray())).append('"');
    first = false;
    return this;
  }

  /** Escapes what Go escapes, including the characters that matter inside HTML. */
  public GoJson string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ' || c == '<' || c == '>' || c == '&' || c == 0x2028 || c == 0x2029) {
            String digits = Integer.toHexString(c);
            out.append("\\u").append("0000", 0, 4 - digits.length()).append(digits);
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
    first = false;
    return this;
  }

  public GoJson message(Message message) {
    beginObject();
    return members(message).endObject();
  }

  /** The fields of a message as members of the object that is open: Go's embedded struct. */
  public GoJson members(Message message) {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (field.isRepeated()) {
        if (message.getRepeatedFieldCount(field) > 0) {
          name(field.getName());
          list(field, (List<?>) message.getField(field));
        }
      } else if (message.hasField(field)) {
        OneofDescriptor oneof = field.getRealContainingOneof();
        if (oneof != null) {
          name(capitalised(oneof.getName())).beginObject();
        }
        name(field.getName());
        value(field, message.getField(field));
        if (oneof != null) {
          endObject();
        }
      }
    }
    return this;
  }

  private void list(FieldDescriptor field, List<?> items) {
    beginArray();
    for (Object item : items) {
      next();
      value(field, item);
    }
    endArray();
  }

  private void value(FieldDescriptor field, Object value) {
    if (value instanceof Message message) {
      message(message);
    } else if (value instanceof ByteString bytes) {
      bytes(bytes);
    } else if (value instanceof String text) {
      string(text);
    } else if (value instanceof EnumValueDescriptor constant) {
      number(constant.getNumber());
    } else if (value instanceof Boolean flag) {
      bool(flag);
    } else if (hexIds && ID_FIELDS.contains(field.getName())) {
      string(Long.toHexString(((Number) value).longValue()));
    } else {
      switch (field.getType()) {
        case UINT64, FIXED64 -> unsigned(((Number) value).longValue());
        case UINT32, FIXED32 -> number(Integer.toUnsignedLong(((Number) value).intValue()));
        default -> number(((Number) value).longValue());
      }
    }
  }

  private static String capitalised(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
