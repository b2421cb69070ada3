package io.etcdj.server.config;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** This machine's address toward the world, from Linux's routing table. */
public final class DefaultRoute {
  private static final Path ROUTES = Path.of("/proc/net/route");
  private static final String ANYWHERE = "00000000";
  private static final int INTERFACE = 0;
  private static final int DESTINATION = 1;

  private DefaultRoute() {}

  /** The IPv4 address of the interface that the default route leaves by, if there is one. */
  public static Optional<String> address() {
    try {
      for (String line : Files.readAllLines(ROUTES)) {
        String[] columns = line.strip().split("\\s+", -1);
        if (columns.length > DESTINATION && columns[DESTINATION].equals(ANYWHERE)) {
          return addressOf(NetworkInterface.getByName(columns[INTERFACE]));
        }
      }
    } catch (IOException noRoutes) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static Optional<String> addressOf(@Nullable NetworkInterface link)
      throws SocketException {
    if (link == null) {
      return Optional.empty();
    }
    return link.inetAddresses()
        .filter(Inet4Address.class::isInstance)
        .map(InetAddress::getHostAddress)
        .findFirst();
  }
}
