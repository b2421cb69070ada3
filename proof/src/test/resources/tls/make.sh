#!/bin/sh
# Makes all certificates of this directory anew; see README.md.
set -e
cd "$(dirname "$0")"

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }

# authority NAME FILE
authority() {
  key "$2"
  openssl req -x509 -new -key "$2.key" -days 36500 -subj "/CN=$1" -out "$2.pem" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
}

# signed AUTHORITY FILE COMMON-NAME ALTERNATIVE-NAMES
signed() {
  key "$2"
  printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\nkeyUsage=digitalSignature\n' \
    "$4" > ext.tmp
  openssl req -new -key "$2.key" -subj "/O=etcdj/CN=$3" |
    openssl x509 -req -CA "$1.pem" -CAkey "$1.key" -days 36500 -extfile ext.tmp -out "$2.pem" \
      2>/dev/null
}

here="IP:127.0.0.1,DNS:localhost"
authority "etcdj test peers" ca
authority "etcdj test strangers" other
signed ca peer member "$here,DNS:peers.example.test"
signed ca guest guest "$here"
signed ca elsewhere member "IP:192.0.2.1"
signed other foreign member "$here,DNS:peers.example.test"
rm -f ext.tmp ca.key other.key other.pem ./*.srl
