#!/bin/sh
# Puts the runnable directory together.
#
#   assemble.sh JARS OUT OWN_VERSION [JAR...]
#
# JARS is a directory with every jar but those named; OUT is replaced once all is in place. The jars are
# named in the manifest of etcdj.jar, so that the class path of a process is one word and always in
# the same order, which archives insist on. etcdctl.jar names the few that etcdctl needs: the JDK's
# logging asks every jar on the class path for a plug-in, and to open all of them takes 30 ms.
set -eu

jars=$1
out=$2
own_version=$3
shift 3
here=$(CDPATH= cd -P -- "${0%/*}" && pwd -P)
etcd_version=3.7.1
api_version=3.7

sha=$(git -C "$here" rev-parse --short=9 HEAD 2> /dev/null || echo unknown)
case $(uname -m) in
  x86_64) arch=amd64 ;;
  aarch64) arch=arm64 ;;
  *) arch=$(uname -m) ;;
esac

# JAVA_HOME is that of the Maven that runs us, or else any will do.
jar=${JAVA_HOME:+$JAVA_HOME/bin/}jar

tmp=$out.tmp
rm -rf "$tmp"
mkdir -p "$tmp/bin" "$tmp/lib"
# Moved, so that the jar of a version that is no longer wanted does not stay for the next build.
mv "$jars"/*.jar "$tmp/lib/"
[ $# -eq 0 ] || cp "$@" "$tmp/lib/"
cd "$tmp/lib"

# Our own jars first: most classes are in them.
class_path=$(ls -- *.jar | LC_ALL=C sort | sed -n '/^etcdj-/p'
  ls -- *.jar | LC_ALL=C sort | sed '/^etcdj-/d')
hash=$(for name in $class_path; do cat "$name"; done | cksum | tr ' ' - | tr -d '\n')

# The manifest of a jar that stands for the jars named.
manifest() {
  printf 'Class-Path:'
  for name; do printf ' \n  %s' "$name"; done
  printf '\n'
}

# umbrella NAME [OPTION...]: the same bytes for the same sources, wherever and whenever it is built.
umbrella() {
  name=$1
  shift
  find meta -exec touch -d '2026-11-21T00:00:00Z' {} +
  "$jar" --create --no-compress --file "$name" --manifest meta/manifest \
    --date=2026-11-21T00:00:00Z "$@" 2> /dev/null ||
    "$jar" --create --no-compress --file "$name" --manifest meta/manifest "$@"
}

mkdir meta
printf 'version=%s\nsha=%s\n' "$own_version" "$sha" > meta/etcdj-build.properties
# shellcheck disable=SC2086
manifest $class_path > meta/manifest
umbrella etcdj.jar -C meta etcdj-build.properties
few=$(for name in $class_path; do echo "$name"; done |
  sed -n '/^etcdj-ctl[-.]/p; /^etcdj-api[-.]/p; /^etcdj-dist[-.]/p; /^protobuf-java-[0-9]/p')
# shellcheck disable=SC2086
manifest $few > meta/manifest
umbrella etcdctl.jar
rm -r meta

sed "s|@JARS_HASH@|$hash|" "$here/../lib/launch.sh" > launch.sh

# program NAME KIND CLASS WORDS LINES
program() {
  sed "s|@NAME@|$1|; s|@KIND@|$2|; s|@CLASS@|$3|; s/@VERSION_WORDS@/$4/; s|@VERSION_LINES@|$5|" \
    "$here/../lib/program.sh" > "../bin/$1"
  chmod +x "../bin/$1"
}
program etcd server io.etcdj.server.Main '1:--version:* | 1:-version:*' "'etcd Version: $etcd_version' \
'Git SHA: $sha' 'Go Version: go0.0 (Java)' 'Go OS/Arch: linux/$arch' 'etcdj Version: $own_version'"
program etcdctl ctl io.etcdj.ctl.Etcdctl '1:version: | 1:version:3' \
  "'etcdctl version: $etcd_version' 'API version: $api_version'"
program etcdutl utl io.etcdj.ctl.Etcdutl '1:version:*' \
  "'etcdutl version: $etcd_version' 'API version: $api_version'"

rm -rf "$out"
mv "$tmp" "$out"
