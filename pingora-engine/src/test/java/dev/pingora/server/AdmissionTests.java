package dev.pingora.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.List;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DefaultSocketChannelConfig;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.channel.socket.nio.NioSocketChannel;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Clients whose sockets can't be set up: they are closed, and no longer counted.
 */
@ExtendWith(EngineExtension.class)
class AdmissionTests {

	@AutoClose
	private final PanicIsolation isolation = new PanicIsolation(List.of());

	private final Admission admission = new Admission(ListenerOptions.builder("http", "127.0.0.1", 0)
		.maxConnections(1)
		.limits(new ConnectionLimits(1, List.of()))
		.build(), this.isolation);

	private Channel listen(EventLoops loops) {
		return new ServerBootstrap().group(loops.group())
			.channel(loops.serverChannel())
			.handler(new Backlog(this.isolation, this.admission))
			.childOption(ChannelOption.WRITE_SPIN_COUNT, 0) // which Netty refuses
			.childHandler(new ChannelInitializer<>() {

				@Override
				protected void initChannel(Channel client) {
				}

			})
			.bind("127.0.0.1", 0)
			.syncUninterruptibly()
			.channel();
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void clientThatCannotBeSetUpKeepsNoPlace(Transport transport) {
		try (EventLoops loops = EventLoops.start(transport, 2)) {
			Channel listener = listen(loops);
			int port = ((InetSocketAddress) listener.localAddress()).getPort();
			for (int i = 0; i < 3; i++) {
				try (RawClient client = RawClient.connect(port)) {
					assertThat(client.awaitEnd()).isEqualTo(End.FIN);
				}
				Await.until("nobody", () -> this.admission.connections() == 0 && this.admission.clients() == 0);
			}
			assertThat(this.admission.pauses()).isEqualTo(3);
			assertThat(this.admission.rejected()).isZero();
			listener.close().syncUninterruptibly();
		}
		assertThat(this.isolation.totals().total()).isZero();
	}

	/** A socket that takes no {@code SO_LINGER}. */
	private static final class Stubborn extends NioSocketChannel {

		Stubborn(SocketChannel socket) {
			super(socket);
		}

		@Override
		public SocketChannelConfig config() {
			return new DefaultSocketChannelConfig(this, javaChannel().socket()) {
				@Override
				public SocketChannelConfig setSoLinger(int soLinger) {
					throw new ChannelException("not now");
				}
			};
		}

	}

	@Test
	void clientThatCannotBeResetIsClosed() throws IOException {
		try (SocketChannel socket = SocketChannel.open()) {
			Admission.reset(new Stubborn(socket));
			assertThat(socket.isOpen()).isFalse();
		}
	}

}
