package io.etcdj.proof.conform;

/** How a call reaches a server. */
enum Transport {
  GRPC,
  JSON
}
