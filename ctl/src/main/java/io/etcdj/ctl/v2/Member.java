package io.etcdj.ctl.v2;

import io.etcdj.ctl.text.Json;
import java.util.List;

/**
 * A member of the cluster.
 *
 * @param id in hex
 * @param name empty until it has started
 */
record Member(String id, String name, List<String> peerUrls, List<String> clientUrls) {
  static Member of(Json json) {
    return new Member(
        json.get("id").text(),
        json.get("name").text(),
        json.get("peerURLs").texts(),
        json.get("clientURLs").texts());
  }
}
