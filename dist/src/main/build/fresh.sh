# Makes sure that the runnable directory below $root is no older than the sources. Sourced by the
# programs at the root of the tree; costs one process when there is nothing to build.

built=$root/dist/target/built

# False as long as something is newer than the last build. Directories count: files may have gone.
is_fresh() {
  [ -e "$built" ] && [ -x "$root/dist/target/etcdj/bin/etcd" ] &&
    [ -z "$(find "$root/pom.xml" "$root"/*/pom.xml "$root"/*/src/main -newer "$built" -print -quit)" ]
}

build() {
  # Taken before the build: what changes while it runs is for the next one.
  touch "$root/dist/target/building"
  echo "building etcdj from source; this takes a minute or two" >&2
  if ! (cd "$root" && mvn -B -q -pl dist -am package -DskipTests -Dspotless.check.skip=true) \
    > "$root/dist/target/build.log" 2>&1 < /dev/null; then
    tail -n 30 "$root/dist/target/build.log" >&2
    echo "the build failed; all of its output is in $root/dist/target/build.log" >&2
    return 1
  fi
  mv "$root/dist/target/building" "$built"
}

if ! is_fresh; then
  mkdir -p "$root/dist/target"
  (
    # Two programs that are started at once must not build twice, let alone at the same time.
    ! command -v flock > /dev/null || flock 9
    is_fresh || build
  ) 9> "$root/dist/target/build.lock" || exit 1
fi
