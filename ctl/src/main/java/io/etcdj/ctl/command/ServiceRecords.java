package io.etcdj.ctl.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

/**
 * Endpoints from DNS: {@code _etcd-client-ssl._tcp.DOMAIN} first, then {@code _etcd-client._tcp}.
 */
public final class ServiceRecords {
  private ServiceRecords() {}

  public static List<String> endpoints(String domain, String serviceName, boolean acceptInsecure)
      throws IOException {
    String suffix = serviceName.isEmpty() ? "" : "-" + serviceName;
    List<String> endpoints = new ArrayList<>();
    lookUp(endpoints, "https", "_etcd-client-ssl" + suffix + "._tcp." + domain);
    if (acceptInsecure) {
      lookUp(endpoints, "http", "_etcd-client" + suffix + "._tcp." + domain);
    }
    if (endpoints.isEmpty()) {
      throw new IOException("error querying DNS SRV records for _etcd-client " + domain);
    }
    return endpoints;
  }

  // The DNS provider hands out records as text and deserializes nothing; its API wants a Hashtable.
  @SuppressWarnings({"BanJNDI", "JdkObsolete"})
  private static void lookUp(List<String> endpoints, String scheme, String name) {
    Hashtable<String, String> settings = new Hashtable<>();
    settings.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    try {
      InitialDirContext dns = new InitialDirContext(settings);
      try {
        Attribute records = dns.getAttributes(name, new String[] {"SRV"}).get("SRV");
        if (records == null) {
          return;
        }
        for (NamingEnumeration<?> all = records.getAll(); all.hasMore(); ) {
          String[] parts = String.valueOf(all.next()).split(" ", -1); // priority weight port target
          String host =
              parts[3].endsWith(".") ? parts[3].substring(0, parts[3].length() - 1) : parts[3];
          endpoints.add(scheme + "://" + host + ":" + parts[2]);
        }
      } finally {
        dns.close();
      }
    } catch (NamingException e) {
      // One of the two services is usually absent; the caller minds if both are.
    }
  }
}
