package io.etcdj.proof.conform;

/** How a call reaches a server. */
enum Transport {
  GRPC(0),
  JSON(1);

  /** Keeps ids apart that tests of both transports choose on the same server. */
  final long offset;

  Transport(long offset) {
    this.offset = offset;
  }
}
