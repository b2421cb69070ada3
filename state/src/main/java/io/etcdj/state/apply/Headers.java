package io.etcdj.state.apply;

import io.etcdj.api.etcdserverpb.ResponseHeader;

/** Makes the header of an answer; knows which member of which cluster answers, and the term. */
@FunctionalInterface
public interface Headers {
  ResponseHeader at(long revision);
}
