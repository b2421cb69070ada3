package io.etcdj.ctl.v2;

import io.etcdj.ctl.text.GoUrl;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One request, for whichever endpoint serves.
 *
 * @param path not escaped; begins with a slash
 * @param query escaped; may be empty
 * @param contentType of the body, if there is one
 * @param waits whether the answer may take for ever to begin
 * @param once whether it must not be sent to a second endpoint when the first fails
 */
@SuppressWarnings("ArrayRecordComponent") // handed through once, never compared
record Action(
    String method,
    String path,
    String query,
    String contentType,
    byte @Nullable [] body,
    boolean waits,
    boolean once) {

  static Action of(String method, String path) {
    return new Action(method, path, "", "", null, false, false);
  }

  static Action withJson(String method, String path, String json) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    return new Action(method, path, "", "application/json", body, false, false);
  }

  static Action withForm(String method, String path, String query, String form, boolean once) {
    byte[] body = form.getBytes(StandardCharsets.UTF_8);
    return new Action(method, path, query, "application/x-www-form-urlencoded", body, false, once);
  }

  /** What the request line says, for an endpoint whose own path is {@code base}. */
  String target(String base) {
    String escaped = GoUrl.escapePath(GoUrl.canonicalPath(base + path));
    return query.isEmpty() ? escaped : escaped + "?" + query;
  }
}
