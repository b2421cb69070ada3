/**
 * The JSON gateway: every v3 method as an HTTP POST under {@code /v3/}.
 *
 * <p>{@link io.etcdj.server.front.json.Bindings} maps paths to methods, {@link
 * io.etcdj.server.front.json.JsonCall} is one call; the handlers behind it are those of gRPC. What
 * a client sees, down to the texts of errors in its JSON, is what the gateway of etcd 3.7 answers.
 */
@NullMarked
package io.etcdj.server.front.json;

import org.jspecify.annotations.NullMarked;
