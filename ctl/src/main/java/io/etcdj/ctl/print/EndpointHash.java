package io.etcdj.ctl.print;

import io.etcdj.api.etcdserverpb.HashKVResponse;

/** The hash of one endpoint's history. */
public record EndpointHash(String endpoint, HashKVResponse hash) {}
