/**
 * The contract: what every client, peer and tool may rely on.
 *
 * <p>The {@code .proto} files beside this code hold etcd's messages, services and field numbers;
 * the packages below are generated from them. {@link EtcdError} is the table of every refusal and
 * its exact words: official clients recognise errors by their text.
 */
@NullMarked
package io.etcdj.api;

import org.jspecify.annotations.NullMarked;
