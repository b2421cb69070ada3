#!/bin/sh
# @NAME@, one of the programs of etcdj. Asked for its version alone, as tools do again and again, it
# answers itself: a JVM would take longer than the rest of the call.
case $#:${1-}:${ETCDCTL_API-} in
  @VERSION_WORDS@)
    printf '%s\n' @VERSION_LINES@
    exit 0
    ;;
esac
case $0 in
  */*) self=$0 ;;
  *) self=./$0 ;; # run as "sh @NAME@"
esac
while [ -h "$self" ]; do
  link=$(readlink -- "$self")
  case $link in
    /*) self=$link ;;
    *) self=${self%/*}/$link ;;
  esac
done
. "${self%/*}/../lib/launch.sh"
launch @KIND@ @CLASS@ "$@"
