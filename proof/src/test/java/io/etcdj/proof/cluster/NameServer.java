package io.etcdj.proof.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A name server for SRV records, over UDP on a free port (RFC 1035, RFC 2782). */
final class NameServer implements AutoCloseable {
  private static final int SRV = 33;
  private static final int INTERNET = 1;

  /** An answer of an authority, to a question that wished recursion. */
  private static final int ANSWER = 0x8580;

  private static final int NO_SUCH_NAME = 3;
  private static final int HEADER_BYTES = 12;

  /** Where the question's name is, as a pointer. */
  private static final int NAME_OF_QUESTION = 0xC000 | HEADER_BYTES;

  /** One record. */
  record Service(String host, int port) {}

  private final Map<String, List<Service>> services = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final DatagramSocket socket;

  NameServer() {
    try {
      socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
    Thread thread = new Thread(this::serve, "name server");
    thread.setDaemon(true);
    thread.start();
  }

  /** For the JVM's own property {@code java.naming.provider.url}. */
  String url() {
    return "dns://127.0.0.1:" + socket.getLocalPort();
  }

  void put(String service, List<Service> records) {
    services.put(service, List.copyOf(records));
  }

  /** The names that were asked for. */
  List<String> asked() {
    return asked;
  }

  private void serve() {
    byte[] bytes = new byte[512];
    while (!socket.isClosed()) {
      DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
      try {
        socket.receive(packet);
        byte[] answer = answer(ByteBuffer.wrap(bytes, 0, packet.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      } catch (IOException e) {
        // closed; or whoever asked asks again
      }
    }
  }

  private byte[] answer(ByteBuffer query) throws IOException {
    int id = query.getShort() & 0xffff;
    query.position(HEADER_BYTES);
    StringBuilder name = new StringBuilder();
    for (int length = query.get(); length > 0; length = query.get()) {
      byte[] label = new byte[length];
      query.get(label);
      name.append(name.isEmpty() ? "" : ".").append(new String(label, US_ASCII));
    }
    int type = query.getShort();
    String service = name.toString().toLowerCase(Locale.ROOT);
    asked.add(service);
    List<Service> records = services.get(service);
    List<Service> found = type == SRV && records != null ? records : List.of();

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeShort(id);
    out.writeShort(records == null ? ANSWER | NO_SUCH_NAME : ANSWER);
    out.writeShort(1); // question
    out.writeShort(found.size());
    out.writeInt(0); // no authority, nothing besides
    write(out, service);
    out.writeShort(type);
    out.writeShort(INTERNET);
    for (Service record : found) {
      write(out, record);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, Service record) throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    write(new DataOutputStream(target), record.host());
    out.writeShort(NAME_OF_QUESTION);
    out.writeShort(SRV);
    out.writeShort(INTERNET);
    out.writeInt(1); // second that it may be kept
    out.writeShort(6 + target.size());
    out.writeShort(0); // priority
    out.writeShort(0); // weight
    out.writeShort(record.port());
    target.writeTo(out);
  }

  private static void write(DataOutputStream out, String name) throws IOException {
    for (String label : name.split("\\.", -1)) {
      out.writeByte(label.length());
      out.write(label.getBytes(US_ASCII));
    }
    out.writeByte(0);
  }

  @Override
  public void close() {
    socket.close();
  }
}
