package io.etcdj.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs in bin/, run by a real shell with Javas that only say how they were called. */
@Timeout(60)
class LaunchersTest {
  private static final String BARE_PATH = "/usr/bin:/bin";

  private static final String HUGE_PAGES = "-XX:+UseTransparentHugePages";

  @TempDir Path dir;

  private Path home;

  private record Result(int code, String stdout, String stderr) {
    List<String> words() {
      return stdout.lines().toList();
    }
  }

  @BeforeEach
  void assemble() throws Exception {
    home = dir.resolve("a directory with blanks").resolve("etcdj");
    Path jars = Files.createDirectories(dir.resolve("jars"));
    Files.writeString(jars.resolve("etcdj-server.jar"), "not really");
    for (String name : List.of("netty", "etcdj-ctl", "protobuf-java-4", "protobuf-java-util-4")) {
      Files.writeString(jars.resolve(name + ".jar"), "not really");
    }
    Files.createDirectories(home.getParent());
    Result result =
        run(
            Map.of("JAVA_HOME", System.getProperty("java.home")),
            "sh",
            Path.of("src/main/build/assemble.sh").toAbsolutePath().toString(),
            jars.toString(),
            home.toString(),
            "1.2.3");
    assertThat(result.code()).as(result.stderr()).isZero();
  }

  private Result run(Map<String, String> environment, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).directory(dir.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", BARE_PATH);
    builder.environment().putAll(environment);
    File out = Files.createTempFile(dir, "out", "").toFile();
    File err = Files.createTempFile(dir, "err", "").toFile();
    Process process = builder.redirectOutput(out).redirectError(err).start();
    process.getOutputStream().close();
    int code = process.waitFor();
    return new Result(
        code, Files.readString(out.toPath(), UTF_8), Files.readString(err.toPath(), UTF_8));
  }

  private String program(String name) {
    return home.resolve("bin").resolve(name).toString();
  }

  /** A Java of that version that prints its own path and then its arguments, one a line. */
  private Path fakeJava(Path where, String version) throws IOException {
    Path bin = Files.createDirectories(where.resolve("bin"));
    Path java =
        Files.writeString(
            bin.resolve("java"),
            """
            #!/bin/sh
            printf '%s\\n' "$0" "$@"
            echo "JAVA_TOOL_OPTIONS=${JAVA_TOOL_OPTIONS-unset}"
            """);
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(
        where.resolve("release"), "IMPLEMENTOR=\"me\"\nJAVA_VERSION=\"" + version + "\"\n");
    return where;
  }

  private Map<String, String> javaHome(String version) throws IOException {
    Path java = fakeJava(dir.resolve("java home " + version), version);
    return new TreeMap<>(Map.of("JAVA_HOME", java.toString()));
  }

  @ParameterizedTest
  @CsvSource({
    "etcd,--version,etcd Version: 3.7.1",
    "etcd,-version,etcd Version: 3.7.1",
    "etcdctl,version,etcdctl version: 3.7.1",
    "etcdutl,version,etcdutl version: 3.7.1",
  })
  void theVersionNeedsNoJava(String name, String word, String firstLine) throws Exception {
    Result result =
        run(
            Map.of("PATH", "/nonexistent", "JAVA_HOME", "/nonexistent"),
            "/bin/sh",
            program(name),
            word);

    assertThat(result.code()).isZero();
    assertThat(result.words().get(0)).isEqualTo(firstLine);
    assertThat(result.stderr()).isEmpty();
  }

  @Test
  void theFirstFourLinesOfTheVersionAreThoseThatToolsRead() throws Exception {
    assertThat(run(Map.of(), program("etcd"), "--version").stdout())
        .matches(
            "etcd Version: .*\nGit SHA: .*\nGo Version: go.*\nGo OS/Arch: linux/.*\netcdj Version:"
                + " 1.2.3\n");
  }

  @Test
  void theArgumentsReachTheProgramUnchanged() throws Exception {
    String[] words = {"--name", "a b", "--data-dir=", "*", "$HOME", "'", "-version"};
    List<String> command = new ArrayList<>(List.of(program("etcd")));
    command.addAll(List.of(words));
    List<String> got = run(javaHome("17.0.1"), command.toArray(String[]::new)).words();

    int main = got.indexOf("io.etcdj.server.Main");
    assertThat(got.subList(main + 1, main + 1 + words.length)).containsExactly(words);
    assertThat(got.subList(main - 2, main)).containsExactly("-cp", home + "/lib/etcdj.jar");
  }

  @ParameterizedTest
  @ValueSource(strings = {"absolute", "relative", "link", "link to a link", "sh"})
  void theProgramFindsItselfHoweverItIsCalled(String how) throws Exception {
    Path links = Files.createDirectories(dir.resolve("links"));
    Path link = Files.createSymbolicLink(links.resolve("etcd"), Path.of(program("etcd")));
    Path second = Files.createSymbolicLink(links.resolve("second"), Path.of("etcd"));
    String bin = dir.relativize(home.resolve("bin")).toString();
    String[] command =
        switch (how) {
          case "absolute" -> new String[] {program("etcd")};
          case "relative" -> new String[] {"./" + bin + "/../bin/etcd"};
          case "link" -> new String[] {link.toString()};
          case "link to a link" -> new String[] {second.toString()};
          default -> new String[] {"sh", "-c", "cd \"" + bin + "\" && sh etcd"};
        };

    assertThat(run(javaHome("17.0.1"), command).words()).contains(home + "/lib/etcdj.jar");
  }

  @Test
  void anOwnRuntimeComesBeforeJavaHome() throws Exception {
    fakeJava(home.resolve("runtime"), "21.0.1");

    assertThat(run(javaHome("25.0.1"), program("etcd")).words().get(0))
        .isEqualTo(home + "/runtime/bin/java");
  }

  @Test
  void aJavaHomeThatIsTooOldIsPassedOver() throws Exception {
    Map<String, String> environment = javaHome("11.0.2");
    Path newer = fakeJava(dir.resolve("onpath"), "25.0.9");
    environment.put("PATH", newer + "/bin:" + BARE_PATH);

    assertThat(run(environment, program("etcd")).words().get(0))
        .isNotEqualTo(environment.get("JAVA_HOME") + "/bin/java");
  }

  @Test
  void aJavaOnThePathCounts() throws Exception {
    Path newest = fakeJava(dir.resolve("onpath"), "25.99.1");

    assertThat(run(Map.of("PATH", newest + "/bin:" + BARE_PATH), program("etcd")).words().get(0))
        .isEqualTo(newest + "/bin/java");
  }

  @Test
  void onlyJavasThatKnowAFlagAreGivenIt() throws Exception {
    assertThat(run(javaHome("17.0.1"), program("etcdctl")).words())
        .contains("-XX:TieredStopAtLevel=1")
        .noneMatch(word -> word.contains("unsafe"));
    assertThat(run(javaHome("25.0.1"), program("etcdctl")).words())
        .contains("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void theClientHasNoMoreOnItsClassPathThanItNeeds() throws Exception {
    assertThat(run(javaHome("25.0.1"), program("etcdctl")).words())
        .containsSequence("-cp", home + "/lib/etcdctl.jar", "io.etcdj.ctl.Etcdctl")
        .noneMatch(word -> word.startsWith("--add-opens"));
    try (JarFile jar = new JarFile(home.resolve("lib/etcdctl.jar").toFile())) {
      assertThat(jar.getManifest().getMainAttributes().getValue("Class-Path").trim().split(" +"))
          .containsExactly("etcdj-ctl.jar", "protobuf-java-4.jar");
    }
  }

  /** A JVM that is told to use them says so on stdout where the kernel has none. */
  @Test
  void hugePagesAreAskedForWhereThereAreAny() throws Exception {
    Path kernel = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    boolean any = Files.isReadable(kernel) && !Files.readString(kernel).contains("[never]");

    assertThat(run(javaHome("17.0.1"), program("etcd")).words().contains(HUGE_PAGES))
        .isEqualTo(any);
    assertThat(run(javaHome("17.0.1"), program("etcdctl")).words()).doesNotContain(HUGE_PAGES);
  }

  @Test
  void theOperatorsOptionsComeLastAndOnlyToTheServer() throws Exception {
    Map<String, String> environment = javaHome("17.0.1");
    environment.put("ETCD_JAVA_OPTS", "-Xmx3g -Xms3g");
    environment.put("JAVA_TOOL_OPTIONS", "-Dnoise");

    List<String> server = run(environment, program("etcd")).words();
    assertThat(server.indexOf("-Xms3g")).isGreaterThan(server.indexOf("-Xms32m"));
    assertThat(server).contains("JAVA_TOOL_OPTIONS=unset");
    assertThat(run(environment, program("etcdctl")).words()).doesNotContain("-Xmx3g");
  }

  /** The JVM does not say when it is told of a method that has another name by now. */
  @Test
  void theMethodsThatTheCompilerIsToldOfExist() throws Exception {
    String option = "-XX:CompileCommand=dontinline,";
    List<String> methods =
        run(javaHome("17.0.1"), program("etcd")).words().stream()
            .filter(word -> word.startsWith(option))
            .map(word -> word.substring(option.length()))
            .toList();
    assertThat(methods).isNotEmpty();
    for (String method : methods) {
      int colons = method.indexOf("::");
      assertThat(Class.forName(method.substring(0, colons)).getDeclaredMethods())
          .extracting(Method::getName)
          .contains(method.substring(colons + 2));
    }
  }

  @ParameterizedTest
  @CsvSource({"17.0.1,jsa,-XX:SharedArchiveFile=", "25.0.1,aot,-XX:AOTCache="})
  void theArchiveOfThisVeryJavaIsUsed(String version, String suffix, String flag) throws Exception {
    String key = key();
    Path archives = Files.createDirectories(home.resolve("lib/archives"));
    Files.writeString(archives.resolve("server-16.0.1-" + key + "." + suffix), "of another Java");
    Files.writeString(archives.resolve("server-" + version + "-0-0." + suffix), "of other jars");
    assertThat(run(javaHome(version), program("etcd")).words())
        .noneMatch(word -> word.startsWith(flag));

    Path archive =
        Files.writeString(archives.resolve("server-" + version + "-" + key + "." + suffix), "x");
    Files.writeString(Path.of(archive + ".size"), "1\n");
    assertThat(run(javaHome(version), program("etcd")).words()).contains(flag + archive);
  }

  /** What this directory's archives end in. */
  private String key() throws IOException {
    return Files.readAllLines(home.resolve("lib/launch.sh")).stream()
        .filter(line -> line.startsWith("jars="))
        .map(line -> line.substring("jars=".length()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void anOldJavaIsNotGivenAnArchiveThatLostItsEnd() throws Exception {
    Path archive =
        Files.createDirectories(home.resolve("lib/archives"))
            .resolve("server-17.0.1-" + key() + ".jsa");
    Files.writeString(archive, "x");
    Files.writeString(Path.of(archive + ".size"), "2\n");

    assertThat(run(javaHome("17.0.1"), program("etcd")).stdout()).doesNotContain(".jsa");
  }

  @Test
  void aDamagedArchiveOnlyCostsTime() throws Exception {
    Path archive = Files.writeString(dir.resolve("archive"), "torn");
    Result result =
        run(
            Map.of(
                "JAVA_HOME",
                System.getProperty("java.home"),
                "ETCD_JAVA_OPTS",
                "-XX:SharedArchiveFile=" + archive + " -version"),
            program("etcd"));

    assertThat(result.code()).isZero();
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr()).contains(System.getProperty("java.version"));
  }
}
