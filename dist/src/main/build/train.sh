#!/bin/sh
# Makes the start-up archives of the runnable directory, one set per Java that is installed.
#
#   train.sh OUT
#
# An archive remembers the classes that a training run loaded, and on JDK 24 and later also how it
# linked them. The programs are trained at the path where they will run, through their own
# launchers, so that path and flags are exactly those of later starts. An archive appears under its
# name only when it is whole: a torn one kills a JVM.
set -eu

# What whoever builds has set for programs of their own is not meant for these.
for variable in $(env | sed -n 's/^\(ETCD[A-Z0-9_]*\)=.*/\1/p'); do
  unset "$variable"
done

out=$(CDPATH= cd -P -- "$1" && pwd -P)
work=$(mktemp -d)
server=
trap 'stop_server; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

say() {
  echo "train: $*" >&2
}

stop_server() {
  if [ -n "$server" ]; then
    kill "$server" 2> /dev/null || true
    wait "$server" 2> /dev/null || true
    server=
  fi
}

# The name that the launcher will look for: KIND and the exact build of this Java.
archive_name() {
  self=$out/bin/etcd
  # shellcheck disable=SC1091
  . "$out/lib/launch.sh"
  read_version "$JAVA_HOME"
  echo "$out/lib/archives/$1-$build-$jars"
}

# Starts a server for the tools, and waits until it serves. Ports are a guess: a taken one makes the
# server stop, and the next guess is made.
start_server() {
  for attempt in 1 2 3 4 5; do
    port=$((20000 + ($$ * 7 + attempt * 1117) % 12000))
    url=http://127.0.0.1:$port
    peer=http://127.0.0.1:$((port + 1))
    rm -rf "$work/data"
    "$out/bin/etcd" --name trained --data-dir "$work/data" \
      --listen-client-urls "$url" --advertise-client-urls "$url" --listen-peer-urls "$peer" \
      --initial-advertise-peer-urls "$peer" --initial-cluster "trained=$peer" \
      > "$work/server.log" 2>&1 &
    server=$!
    waited=0
    while kill -0 "$server" 2> /dev/null && [ $waited -lt 300 ]; do
      if grep -q 'ready to serve client requests' "$work/server.log"; then
        return 0
      fi
      sleep 0.1
      waited=$((waited + 1))
    done
    stop_server
    grep -q 'address already in use' "$work/server.log" || break
  done
  say "the server did not start:"
  cat "$work/server.log" >&2
  exit 1
}

# A little of everything that clients do.
requests() {
  cat << COMMANDS
put foo bar
get foo
get foo -w json
get --prefix f
txn
del foo
lease grant 60
member list
endpoint status -w table
endpoint health
get nokey --rev 999999
get
nosuchcommand
--help
COMMANDS
}

finish() {
  if [ ! -s "$1" ]; then
    say "no archive was made: $2"
    cat "$work/log" >&2
    exit 1
  fi
  mkdir -p "$out/lib/archives"
  case $2 in
    *.jsa) stat -c %s -- "$1" > "$2.size" ;;
  esac
  # Beside its place first: a rename is one step only within a file system.
  mv "$1" "$2.tmp"
  mv "$2.tmp" "$2"
}

# create KIND PROGRAM VARIABLE: from what was recorded to an archive. VARIABLE is where that
# program's launcher takes options for the JVM from.
create() {
  kind=$1
  program=$2
  variable=$3
  name=$(archive_name "$kind")
  if [ "$major" -ge 24 ]; then
    env "$variable=-XX:AOTMode=create -XX:AOTConfiguration=$work/$kind.conf -XX:AOTCache=$work/$kind.aot" \
      "$out/bin/$program" > "$work/log" 2>&1 || true
    finish "$work/$kind.aot" "$name.aot"
  else
    # Ids and foreign loaders mean something only within one run.
    cat "$work/$kind".classes.* | sed 's/ id: .*//' | sed '/source:/d' | awk '!seen[$0]++' \
      > "$work/$kind.classes"
    env "$variable=-Xshare:dump -XX:SharedClassListFile=$work/$kind.classes -XX:SharedArchiveFile=$work/$kind.jsa" \
      "$out/bin/$program" > "$work/log" 2>&1 || true
    finish "$work/$kind.jsa" "$name.jsa"
  fi
  say "made ${name##*/} for $JAVA_HOME"
}

recording() {
  if [ "$major" -ge 25 ]; then
    # Without how often what was called: the compiler would take it for the truth, and requests
    # would cost a tenth more for ever.
    echo "-XX:AOTMode=record -XX:AOTConfiguration=$work/$1.conf" \
      "-XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining"
  elif [ "$major" -ge 24 ]; then
    echo "-XX:AOTMode=record -XX:AOTConfiguration=$work/$1.conf"
  else
    echo "-XX:DumpLoadedClassList=$work/$1.classes.$2"
  fi
}

train_server() {
  rm -rf "$work/data"
  if ! (
    ETCD_JAVA_OPTS=$(recording server 1)
    self=$out/bin/etcd
    # shellcheck disable=SC1091
    . "$out/lib/launch.sh"
    requests | launch server io.etcdj.dist.ServerTraining "$work/data"
  ) > "$work/answer" 2>&1; then
    say "the training of etcd failed:"
    cat "$work/answer" >&2
    exit 1
  fi
  create server etcd ETCD_JAVA_OPTS
}

# train_tool KIND PROGRAM CLASS: with the command lines on standard input. The last must succeed.
train_tool() {
  cat > "$work/requests"
  if [ "$major" -ge 24 ]; then
    # A recording is of one process, so one process runs all the commands.
    if ! (
      ETCDCTL_ENDPOINTS=$url
      ETCD_CLI_JAVA_OPTS=$(recording "$1" 1)
      export ETCDCTL_ENDPOINTS
      self=$out/bin/$2
      # shellcheck disable=SC1091
      . "$out/lib/launch.sh"
      launch "$1" io.etcdj.dist.ToolTraining "$3"
    ) < "$work/requests" > "$work/answer" 2>&1; then
      say "the training of $2 failed:"
      cat "$work/answer" >&2
      exit 1
    fi
  else
    count=0
    while read -r words; do
      count=$((count + 1))
      # shellcheck disable=SC2086
      ETCDCTL_ENDPOINTS=$url ETCD_CLI_JAVA_OPTS=$(recording "$1" $count) \
        "$out/bin/$2" $words < /dev/null > "$work/answer" 2>&1 || true
    done < "$work/requests"
  fi
  create "$1" "$2" ETCD_CLI_JAVA_OPTS
}

train_tools() {
  start_server
  rm -f "$work/saved"
  {
    requests
    echo "snapshot save $work/saved"
    echo 'put foo bar'
  } | train_tool ctl etcdctl io.etcdj.ctl.Etcdctl
  stop_server
  train_tool utl etcdutl io.etcdj.ctl.Etcdutl << COMMANDS
nosuchcommand
--help
snapshot status $work/nosuchfile
hashkv $work/saved
snapshot restore $work/saved --data-dir $work/restored
snapshot status $work/saved -w json
snapshot status $work/saved -w table
COMMANDS
  rm -rf "$work/restored"
}

# Every Java that a launcher here could pick, once each.
javas() {
  self=$out/bin/etcd
  # shellcheck disable=SC1091
  . "$out/lib/launch.sh"
  for dir in "${JAVA_HOME-/nonexistent}" /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
    /usr/local/openjdk*; do
    if read_version "$dir" && [ "$major" -le "$newest" ] && [ -x "$dir/bin/javac" ]; then
      readlink -f -- "$dir"
    fi
  done | sort -u
}

javas > "$work/javas"
while read -r JAVA_HOME; do
  export JAVA_HOME
  major=$(. "$out/lib/launch.sh" && read_version "$JAVA_HOME" && echo "$major")
  train_server
  train_tools
done < "$work/javas"
