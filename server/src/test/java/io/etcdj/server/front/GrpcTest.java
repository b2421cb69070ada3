package io.etcdj.server.front;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.server.front.grpc.GrpcServer;
import io.etcdj.server.front.rpc.RpcMetrics;
import io.etcdj.server.front.rpc.RpcTable;
import io.etcdj.server.metrics.MetricRegistry;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GrpcTest {
  @Test
  void aUnaryCallIsAnswered() throws Exception {
    Vertx vertx = Listeners.vertx(2);
    FakeServices services = new FakeServices();
    RpcTable table = new RpcTable(services.rpcs(), new RpcMetrics(new MetricRegistry(), false));
    FrontOptions options = FrontOptions.defaults();
    Listeners listeners =
        Listeners.open(
                vertx,
                2,
                List.of(
                    new Listener(
                        new Listener.Address.Tcp("127.0.0.1", 0), Listener.Role.EVERYTHING, null)),
                options,
                (v, loop) ->
                    new Front(
                        loop, new GrpcServer(v, loop, table, options.grpc()), r -> {}, r -> {}))
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    int port = ((Listener.Address.Tcp) listeners.addresses().get(0)).port();
    try (GrpcClient client = new GrpcClient(port)) {
      assertThat(client.range("k").getKvs(0).getValue().toStringUtf8()).isEqualTo("v");
      assertThat(
              ClientCalls.blockingUnaryCall(
                      client.channel(),
                      GrpcClient.PUT,
                      CallOptions.DEFAULT,
                      PutRequest.getDefaultInstance())
                  .getHeader()
                  .getRevision())
          .isEqualTo(1);
    }
  }
}
