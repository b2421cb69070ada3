/**
 * Proposals: requests on their way through the log, and who waits for each.
 *
 * <p>A request gets an id, goes to the member loop, and comes back from the apply thread with its
 * result, matched by the id; or its time is over first, which does not mean that it will not
 * happen.
 */
@NullMarked
package io.etcdj.server.propose;

import org.jspecify.annotations.NullMarked;
