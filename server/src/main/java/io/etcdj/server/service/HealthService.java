package io.etcdj.server.service;

import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import io.etcdj.api.health.HealthCheckRequest;
import io.etcdj.api.health.HealthCheckResponse;
import io.etcdj.api.health.HealthCheckResponse.ServingStatus;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.server.front.rpc.Rpc;
import java.util.List;

/** The standard gRPC health service; only the empty service name is known. */
public final class HealthService {
  private static final String NAME = "grpc.health.v1.Health";

  public List<Rpc<?, ?>> rpcs() {
    return List.of(
        Rpc.unary(NAME, "Check", HealthCheckRequest.getDefaultInstance(), this::check),
        Rpc.serverStream(NAME, "Watch", HealthCheckRequest.getDefaultInstance(), this::watch));
  }

  private void check(
      Call<HealthCheckRequest, HealthCheckResponse> call, HealthCheckRequest request) {
    if (!request.getService().isEmpty()) {
      throw EtcdException.of(GrpcCode.NOT_FOUND, "unknown service");
    }
    call.respond(status(ServingStatus.SERVING));
  }

  /** The status now; it would be followed by changes, of which there are none while we serve. */
  private void watch(
      Call<HealthCheckRequest, HealthCheckResponse> call, HealthCheckRequest request) {
    call.send(
        status(
            request.getService().isEmpty()
                ? ServingStatus.SERVING
                : ServingStatus.SERVICE_UNKNOWN));
  }

  private static HealthCheckResponse status(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }
}
