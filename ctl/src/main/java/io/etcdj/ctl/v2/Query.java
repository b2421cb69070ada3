package io.etcdj.ctl.v2;

import io.etcdj.ctl.text.GoUrl;

/** Parameters in the escaped form. Go writes them by name, so add them in that order. */
final class Query {
  private final StringBuilder out = new StringBuilder();

  Query add(String name, String value) {
    return addEscaped(name, GoUrl.escapeQuery(value));
  }

  Query add(String name, byte[] value) {
    return addEscaped(name, GoUrl.escapeQuery(value));
  }

  private Query addEscaped(String name, String value) {
    out.append(out.length() == 0 ? "" : "&").append(name).append('=').append(value);
    return this;
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
