package io.etcdj.proof.hard;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.mvccpb.KeyValue;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.zip.CRC32C;

/**
 * What a range answered, without holding it.
 *
 * @param keys how many came
 * @param count what the server says how many there are
 * @param crc over keys and values in the order in which they came, see {@link #add}
 */
record Digest(long keys, long count, long crc) {

  /** A range of which only the digest is kept. */
  static final MethodDescriptor<RangeRequest, Digest> RANGE =
      MethodDescriptor.<RangeRequest, Digest>newBuilder()
          .setFullMethodName("etcdserverpb.KV/Range")
          .setType(MethodDescriptor.MethodType.UNARY)
          .setRequestMarshaller(
              new MethodDescriptor.Marshaller<>() {
                @Override
                public InputStream stream(RangeRequest request) {
                  return new ByteArrayInputStream(request.toByteArray());
                }

                @Override
                public RangeRequest parse(InputStream stream) {
                  throw new UnsupportedOperationException("requests are only sent");
                }
              })
          .setResponseMarshaller(
              new MethodDescriptor.Marshaller<>() {
                @Override
                public InputStream stream(Digest response) {
                  throw new UnsupportedOperationException("responses are only received");
                }

                @Override
                public Digest parse(InputStream stream) {
                  try {
                    return read(stream);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                }
              })
          .build();

  private static Digest read(InputStream stream) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(stream);
    in.setSizeLimit(Integer.MAX_VALUE);
    CRC32C crc = new CRC32C();
    long keys = 0;
    long count = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case RangeResponse.KVS_FIELD_NUMBER -> {
          KeyValue kv = KeyValue.parseFrom(in.readByteArray());
          add(crc, kv.getKey().toByteArray(), kv.getValue().toByteArray());
          keys++;
        }
        case RangeResponse.COUNT_FIELD_NUMBER -> count = in.readInt64();
        default -> in.skipField(tag);
      }
    }
    return new Digest(keys, count, crc.getValue());
  }

  /** Adds a key and its value. */
  static void add(CRC32C crc, byte[] key, byte[] value) {
    crc.update(key);
    crc.update(0);
    crc.update(value);
    crc.update(0);
  }
}
