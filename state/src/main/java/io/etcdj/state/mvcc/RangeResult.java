package io.etcdj.state.mvcc;

import io.etcdj.api.mvccpb.KeyValue;
import java.util.List;

/**
 * The answer to a {@link RangeQuery}.
 *
 * @param kvs what was found, sorted and limited as asked
 * @param count keys in the range at that revision, without limit and revision bounds
 * @param more whether the limit cut something off
 * @param revision the store's revision when it was read, also for a read of the past
 */
public record RangeResult(List<KeyValue> kvs, long count, boolean more, long revision) {}
