package io.etcdj.server.discovery;

import io.etcdj.server.discovery.ServiceRecords.Target;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Hashtable;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.naming.CommunicationException;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

/**
 * The machine's own: its name servers for records, its resolver for addresses.
 *
 * <p>Records come from other servers when the JVM's property {@code java.naming.provider.url} names
 * them, as in {@code dns://10.0.0.53:5353}.
 */
final class SystemDns implements ServiceRecords.Dns {
  /** A record while it is sorted: the lower priority goes first, the greater weight within it. */
  private record Row(int priority, int weight, Target target) {
    /** Reads {@code priority weight port host.}. */
    static Row parse(String record) {
      String[] parts = record.split(" ", -1);
      String host =
          parts[3].endsWith(".") ? parts[3].substring(0, parts[3].length() - 1) : parts[3];
      return new Row(
          Integer.parseInt(parts[0]),
          Integer.parseInt(parts[1]),
          new Target(host, Integer.parseInt(parts[2])));
    }
  }

  // The DNS provider hands out records as text and deserializes nothing; its API wants a Hashtable.
  @SuppressWarnings({"BanJNDI", "JdkObsolete"})
  @Override
  public List<Target> services(String name) throws UnknownHostException {
    Hashtable<String, String> settings = new Hashtable<>();
    settings.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    List<Row> rows = new ArrayList<>();
    try {
      InitialDirContext dns = new InitialDirContext(settings);
      try {
        Attribute records = dns.getAttributes(name, new String[] {"SRV"}).get("SRV");
        if (records != null) {
          for (NamingEnumeration<?> all = records.getAll(); all.hasMore(); ) {
            rows.add(Row.parse(String.valueOf(all.next())));
          }
        }
      } finally {
        dns.close();
      }
    } catch (NameNotFoundException e) {
      throw failed(name, "no such host");
    } catch (CommunicationException e) {
      throw failed(name, "i/o timeout");
    } catch (NamingException e) {
      throw failed(name, "server misbehaving");
    }
    if (rows.isEmpty()) {
      throw failed(name, "no such host");
    }
    rows.sort(
        Comparator.comparingInt(Row::priority)
            .thenComparing(Comparator.comparingInt(Row::weight).reversed())
            .thenComparing(row -> row.target().hostPort()));
    return rows.stream().map(Row::target).toList();
  }

  @Override
  public Set<String> addresses(String host) throws UnknownHostException {
    try {
      return Stream.of(InetAddress.getAllByName(host))
          .map(InetAddress::getHostAddress)
          .collect(Collectors.toUnmodifiableSet());
    } catch (UnknownHostException e) {
      throw failed(host, "no such host");
    }
  }

  private static UnknownHostException failed(String name, String why) {
    return new UnknownHostException("lookup " + name + ": " + why);
  }
}
