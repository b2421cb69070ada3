# Finds Java and becomes it. Sourced by the programs in bin/, which set $self to their own path,
# with links resolved.
#
# Nothing here may fork without need: a process costs as much as the rest of this file. Nothing
# needs any environment but PATH.

# The oldest and the newest Java that the tests run on; a newer one serves if there is no other.
oldest=17
newest=25

# What the archives were made for.
jars=@JARS_HASH@

# The directory above bin/, absolute: archives remember the paths of the jars.
find_home() {
  case $self in
    */./* | */../* | *//* | [!/]*) home=$(CDPATH= cd -P -- "${self%/*}/.." && pwd -P) ;;
    *) home=${self%/bin/*} ;;
  esac
}

# Reads the version of the Java in directory $1: into $major, and the exact build into $build.
# False if there is no Java that could serve.
read_version() {
  major=
  build=
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
  while IFS='=' read -r key value; do
    value=${value#\"}
    value=${value%\"}
    case $key in
      JAVA_VERSION)
        major=${value%%[!0-9]*}
        build=${build:-$value}
        ;;
      JAVA_RUNTIME_VERSION) build=$value ;;
    esac
  done < "$1/release"
  [ -n "$major" ] && [ "$major" -ge $oldest ]
}

# Takes the Java in directory $1 if it is better than the best so far.
consider() {
  read_version "$1" || return 0
  # Beyond the newest known, less is more.
  if [ "$major" -le $newest ]; then
    score=$((major + 1000))
  else
    score=$((1000 - major))
  fi
  if [ $score -gt $best_score ]; then
    best_score=$score
    best=$1
    best_major=$major
    best_build=$build
  fi
}

# A runtime of our own, else JAVA_HOME, else the newest that is installed.
find_java() {
  best=
  best_score=0
  consider "$home/runtime"
  [ -n "$best" ] && return
  if [ -n "${JAVA_HOME-}" ]; then
    consider "$JAVA_HOME"
    [ -n "$best" ] && return
  fi
  old_ifs=$IFS
  IFS=:
  set -f
  # shellcheck disable=SC2086
  set -- $PATH
  set +f
  IFS=$old_ifs
  on_path=
  for dir; do
    if [ -x "$dir/java" ]; then
      on_path=${on_path:-$dir/java}
      # A link leads to a directory that is looked at below, or is followed at last.
      [ -h "$dir/java" ] || consider "${dir%/bin}"
    fi
  done
  for dir in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /usr/local/openjdk* \
    "${HOME-/nonexistent}"/.sdkman/candidates/java/* "${HOME-/nonexistent}"/.jdks/*; do
    consider "$dir"
  done
  [ -n "$best" ] && return
  if [ -n "$on_path" ]; then
    java=$(readlink -f -- "$on_path")
    consider "${java%/bin/java}"
    [ -n "$best" ] && return
  fi
  echo "${self##*/}: no Java from $oldest to $newest found; set JAVA_HOME" >&2
  exit 1
}

# Whether archive $1 is there, with the size that was noted when it was made. JDKs before 24 die of
# one that lost its end, perhaps to a full disk; the look is worth the only process started here.
is_whole() {
  [ -r "$1" ] && [ -r "$1.size" ] && read -r size < "$1.size" &&
    [ "$(stat -c %s -- "$1" 2> /dev/null)" = "$size" ]
}

# launch KIND CLASS [ARGUMENT...]: becomes Java. This is the one place for the flags of the JVM.
launch() {
  kind=$1
  class=$2
  shift 2
  find_home
  find_java

  # These make Java talk on stderr, which belongs to the program.
  unset JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS

  # A JVM that complains about an archive or a flag does so on stdout; hence -Xlog:disable.
  flags='-XX:-UsePerfData -Xlog:disable -Dfile.encoding=UTF-8'
  umbrella=$home/lib/etcdj.jar
  if [ "$kind" = ctl ]; then
    umbrella=$home/lib/etcdctl.jar
  else
    # lmdbjava sets the address and length of direct buffers, which these packages hold. To ask for
    # it costs a start 15 ms.
    flags="$flags --add-opens=java.base/java.nio=ALL-UNNAMED"
    flags="$flags --add-opens=java.base/sun.nio.ch=ALL-UNNAMED"
  fi
  # From 24 on, what LMDB, Netty and protobuf do without asking is a warning.
  if [ "$best_major" -ge 24 ]; then
    flags="$flags --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
  fi
  case $kind in
    server)
      # Member names and paths may hold any letter, and a bare environment knows ASCII only.
      LC_ALL=C.UTF-8
      export LC_ALL
      # Give memory back to the machine after a peak, and do not linger without any.
      flags="$flags -Xms32m -XX:MaxRAMPercentage=40 -XX:G1PeriodicGCInterval=20000"
      flags="$flags -XX:MinHeapFreeRatio=25 -XX:MaxHeapFreeRatio=30"
      # In a heap that is kept so small, G1's own idea of when to mark is: always.
      flags="$flags -XX:-G1UseAdaptiveIHOP -XX:InitiatingHeapOccupancyPercent=80"
      # A burst of writes makes the collector busy; let it be, where it would take gigabytes to rest.
      flags="$flags -XX:GCTimeRatio=4 -XX:+ExitOnOutOfMemoryError"
      # Drawn into its callers, this method sometimes costs the compiler half a minute of a core.
      flags="$flags -XX:CompileCommand=quiet"
      flags="$flags -XX:CompileCommand=dontinline,io.etcdj.state.mvcc.KeyIndex::insert"
      # Most of the heap is small objects; these take eight bytes for themselves instead of twelve.
      if [ "$best_major" -ge 25 ]; then
        flags="$flags -XX:+UseCompactObjectHeaders"
      fi
      # In pages of 4 KB, code and heap are more than the processor remembers the places of: a put of
      # a lone client took a fifth more of it. Where there are no others, Java would complain.
      pages=/sys/kernel/mm/transparent_hugepage/enabled
      if [ -r $pages ] && read -r pages < $pages && [ "${pages%\[never\]*}" = "$pages" ]; then
        flags="$flags -XX:+UseTransparentHugePages"
      fi
      operator=${ETCD_JAVA_OPTS-}
      ;;
    *)
      # Lives for a tenth of a second. What an operator sets for the server, say a collector or a
      # heap of many gigabytes, is not meant for it.
      flags="$flags -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
      operator=${ETCD_CLI_JAVA_OPTS-}
      ;;
  esac

  # An archive of another Java, or of other jars, is refused in silence and only costs time; its
  # name keeps it from being tried.
  archive=$home/lib/archives/$kind-$best_build-$jars
  if [ -r "$archive.aot" ]; then
    set -- -XX:AOTCache="$archive.aot" -cp "$umbrella" "$class" "$@"
  elif is_whole "$archive.jsa"; then
    set -- -XX:SharedArchiveFile="$archive.jsa" -cp "$umbrella" "$class" "$@"
  else
    set -- -cp "$umbrella" "$class" "$@"
  fi
  # The operator's options come last, to win.
  # shellcheck disable=SC2086
  exec "$best/bin/java" $flags $operator "$@"
}
