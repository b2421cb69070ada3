package io.etcdj.bench.h2;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The event loops, and the connections that they carry; closing it closes them all. */
public final class Transport implements AutoCloseable {
  private static final int CONNECT_TIMEOUT_SECONDS = 10;

  private final MultiThreadIoEventLoopGroup group;
  private final Class<? extends Channel> channelType;
  private final List<Connection> connections = new ArrayList<>();

  public Transport(int eventLoops) {
    boolean epoll = Epoll.isAvailable();
    group =
        new MultiThreadIoEventLoopGroup(
            eventLoops, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    channelType = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  /** The next event loop, in rotation. */
  public EventLoop eventLoop() {
    return group.next();
  }

  /** Opens connections and waits until the server has greeted on each. */
  public List<Connection> connect(EventLoop loop, List<Endpoint> endpoints) throws IOException {
    List<Promise<Connection>> started = new ArrayList<>();
    for (Endpoint endpoint : endpoints) {
      started.add(connect(loop, endpoint));
    }
    List<Connection> opened = new ArrayList<>();
    for (Promise<Connection> promise : started) {
      if (!promise.awaitUninterruptibly(CONNECT_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("no HTTP/2 greeting within " + CONNECT_TIMEOUT_SECONDS + " s");
      }
      if (!promise.isSuccess()) {
        throw new IOException(promise.cause().getMessage(), promise.cause());
      }
      opened.add(promise.getNow());
    }
    connections.addAll(opened);
    return opened;
  }

  private Promise<Connection> connect(EventLoop loop, Endpoint endpoint) {
    Promise<Connection> ready = loop.newPromise();
    ChannelFuture connected =
        new Bootstrap()
            .group(loop)
            .channel(channelType)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Connection(channel, endpoint.toString(), ready));
                  }
                })
            .connect(endpoint.host(), endpoint.port());
    connected.addListener(
        future -> {
          if (!future.isSuccess()) {
            ready.tryFailure(future.cause());
          }
        });
    return ready;
  }

  /** Makes one call on a connection of its own and waits for the answer. */
  public byte[] call(Endpoint endpoint, Method method, byte[] message, int timeoutSeconds)
      throws IOException, InterruptedException {
    EventLoop loop = eventLoop();
    Connection connection = connect(loop, List.of(endpoint)).get(0);
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    try {
      loop.execute(() -> connection.start(method, message, true, new Single(answer)));
      return answer.get(timeoutSeconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException(
          method + ": " + Objects.requireNonNullElse(e.getCause(), e).getMessage(), e);
    } catch (TimeoutException e) {
      throw new IOException(method + ": no answer within " + timeoutSeconds + " s", e);
    } finally {
      connection.close();
      connections.remove(connection);
    }
  }

  private static final class Single extends StreamCall {
    private final CompletableFuture<byte[]> answer;
    private byte[] body = ByteBufUtil.getBytes(Unpooled.EMPTY_BUFFER);

    Single(CompletableFuture<byte[]> answer) {
      this.answer = answer;
    }

    @Override
    protected void onMessage(ByteBuf message) {
      body = ByteBufUtil.getBytes(message);
    }

    @Override
    protected void onEnd(@Nullable String error) {
      if (error == null) {
        answer.complete(body);
      } else {
        answer.completeExceptionally(new IOException(error));
      }
    }
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
