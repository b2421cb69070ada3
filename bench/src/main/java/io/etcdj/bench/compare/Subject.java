package io.etcdj.bench.compare;

import java.util.List;

/**
 * A server to be measured.
 *
 * @param server the command to which etcd's flags are added
 * @param ctl its etcdctl; may be the other one's
 */
record Subject(String name, List<String> server, List<String> ctl) {}
