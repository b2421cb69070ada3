package io.etcdj.server.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What this is: the etcd that it speaks like, and our own release. */
public final class Version {
  /** The release of etcd whose interfaces these are. */
  public static final String ETCD = "3.7.1";

  private static final String UNKNOWN = "unknown";
  private static final Properties BUILD = load();

  private Version() {}

  /** Our own release. */
  public static String own() {
    return BUILD.getProperty("version", UNKNOWN);
  }

  /** The commit that this was built from. */
  public static String gitSha() {
    return BUILD.getProperty("sha", UNKNOWN);
  }

  /** The answer to {@code --version}; tools read the first four lines. */
  static String text() {
    return "etcd Version: %s\nGit SHA: %s\nGo Version: %s\nGo OS/Arch: %s\netcdj Version: %s\n"
        .formatted(ETCD, gitSha(), "go0.0 (Java)", platform(), own());
  }

  private static String platform() {
    String arch = System.getProperty("os.arch", UNKNOWN);
    return "linux/" + (arch.equals("aarch64") ? "arm64" : arch);
  }

  /** Written when the runnable directory is made; absent in a development build. */
  private static Properties load() {
    Properties build = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("/etcdj-build.properties")) {
      if (in != null) {
        build.load(in);
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
    return build;
  }
}
