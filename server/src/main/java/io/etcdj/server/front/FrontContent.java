package io.etcdj.server.front;

import io.etcdj.server.front.http.Routes;
import io.etcdj.server.front.rpc.RpcTable;

/**
 * What the front serves; made once and shared by all event loops.
 *
 * @param rpcs the methods, for gRPC and JSON alike
 * @param routes plain HTTP on client listeners: health, version, metrics, v2, …
 * @param monitoring plain HTTP on metrics listeners
 */
public record FrontContent(RpcTable rpcs, Routes routes, Routes monitoring) {}
