package io.etcdj.server.peer;

import io.etcdj.server.text.EtcdUrl;
import java.util.List;

/** Which of a member's URLs is tried: always the same one, until it fails. Any thread. */
final class UrlPicker {
  private List<EtcdUrl> urls;
  private int picked;

  /** At least one URL. */
  UrlPicker(List<EtcdUrl> urls) {
    this.urls = urls;
  }

  synchronized void update(List<EtcdUrl> newUrls) {
    urls = newUrls;
    picked = 0;
  }

  synchronized EtcdUrl pick() {
    return urls.get(picked);
  }

  /** Goes on to the next one, unless that has happened already. */
  synchronized void unreachable(EtcdUrl url) {
    if (url.equals(urls.get(picked))) {
      picked = (picked + 1) % urls.size();
    }
  }
}
