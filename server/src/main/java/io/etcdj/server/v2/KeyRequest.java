package io.etcdj.server.v2;

import io.etcdj.api.etcdserverpb.Request;
import io.etcdj.state.apply.Commands;
import io.etcdj.state.v2.V2Error;
import org.jspecify.annotations.Nullable;

/**
 * A request for keys, understood.
 *
 * @param request as it would go through the log
 * @param brief whether the answer to a write is to be without what was written
 */
record KeyRequest(Request.Builder request, boolean brief) {
  private static final long NANOS = 1_000_000_000;

  /**
   * Each directory on the way to a key is kept with its whole path, so that one request for a key
   * of a hundred thousand parts would fill the memory of every member.
   */
  private static final int MAX_DEPTH = 256;

  /**
   * Understands a request or refuses it.
   *
   * @param path of the store
   * @param nowNanos Unix time
   */
  static KeyRequest of(String method, String path, Form form, long nowNanos) {
    long prevIndex = form.index("prevIndex");
    long since = form.index("waitIndex");
    Request.Builder request =
        Commands.v2Request(method)
            .setPath(path)
            .setPrevIndex(prevIndex)
            .setSince(since)
            .setRecursive(form.flag("recursive"))
            .setSorted(form.flag("sorted"))
            .setWait(form.flag("wait"))
            .setDir(form.flag("dir"))
            .setQuorum(form.flag("quorum"))
            .setStream(form.flag("stream"))
            .setVal(form.text("value"))
            .setPrevValue(form.text("prevValue"));
    if (request.getWait() && !method.equals("GET")) {
      throw V2Error.INVALID_FIELD.at(0, "\"wait\" can only be used with GET requests");
    }
    if (form.has("prevValue") && request.getPrevValue().isEmpty()) {
      throw V2Error.PREV_VALUE_REQUIRED.at(0, "\"prevValue\" cannot be empty");
    }
    boolean brief = form.flag("noValueOnSuccess");
    Long ttlSeconds = ttl(form);
    if (form.has("prevExist")) {
      request.setPrevExist(form.flag("prevExist", "invalid value for prevExist"));
    }
    if (form.has("refresh")) {
      request.setRefresh(form.flag("refresh", "invalid value for refresh"));
      if (request.getRefresh()) {
        if (!request.getVal().isEmpty()) {
          throw V2Error.REFRESH_VALUE.at(0, "A value was provided on a refresh");
        }
        if (ttlSeconds == null) {
          throw V2Error.REFRESH_TTL_REQUIRED.at(0, "No TTL value set");
        }
      }
    }
    if (!method.equals("GET") && path.chars().filter(c -> c == '/').count() > MAX_DEPTH) {
      throw V2Error.INVALID_FIELD.at(0, "key is below more than " + MAX_DEPTH + " directories");
    }
    if (ttlSeconds != null) {
      request.setExpiration(nowNanos + ttlSeconds * NANOS); // too long a time wraps, as in etcd
    }
    return new KeyRequest(request, brief);
  }

  private static @Nullable Long ttl(Form form) {
    String text = form.text("ttl");
    if (text.isEmpty()) {
      return null;
    }
    Long seconds = Form.unsigned(text);
    if (seconds == null) {
      throw V2Error.TTL_NOT_A_NUMBER.at(0, "invalid value for \"ttl\"");
    }
    return seconds;
  }
}
