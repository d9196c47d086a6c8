package dev.pingora.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;

import dev.pingora.testkit.EngineExtension;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether sockets really have the options: they are read back from the system.
 */
@ExtendWith(EngineExtension.class)
class SocketSetupTests {

	private static final BufferOptions BUFFERS = new BufferOptions(32 * 1024, 1000, 200_000);

	private static final SocketOptions TUNED = SocketOptions.downstream()
		.toBuilder()
		.keepAlive(KeepAlive.of(Duration.ofSeconds(71), Duration.ofSeconds(13), 4))
		.sendBuffer(100_000)
		.receiveBuffer(120_000)
		.dscp(46)
		.buffers(BUFFERS)
		.build();

	private static final Duration USER_TIMEOUT = Duration.ofMillis(31_500);

	static Stream<Transport> transports() {
		return Stream.of(Transport.values())
			.filter((transport) -> transport != Transport.AUTO && EventLoops.isAvailable(transport));
	}

	static Stream<Transport> linuxTransports() {
		return transports().filter(SocketSetupTests::isLinux);
	}

	private static boolean isLinux(Transport transport) {
		return transport == Transport.EPOLL || transport == Transport.IO_URING;
	}

	private static SocketOptions tuned(Transport transport) {
		return isLinux(transport) ? TUNED.toBuilder().userTimeout(USER_TIMEOUT).build() : TUNED;
	}

	/** Has a connection made, and looks at it. */
	private static <T> T dialled(Transport transport, SocketOptions socket, DialOptions dial,
			Function<Channel, T> look) {
		try (EventLoops loops = EventLoops.start(transport, 1);
				ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
			Bootstrap bootstrap = new Bootstrap().group(loops.group())
				.channel(loops.channel())
				.handler(new ChannelInitializer<>() {
					@Override
					protected void initChannel(Channel channel) {
					}
				});
			new SocketSetup(transport, false).dialling(bootstrap, socket, dial);
			Channel channel = bootstrap.connect("127.0.0.1", server.getLocalPort()).syncUninterruptibly().channel();
			T seen = look.apply(channel);
			channel.close().syncUninterruptibly();
			return seen;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** What is seen of a listening socket and of a client's. */
	private record Accepted<L, C>(L listening, C client) {
	}

	private static <L, C> Accepted<L, C> accepted(Transport transport, SocketOptions socket, AcceptOptions accept,
			Function<Channel, L> lookListening, Function<Channel, C> lookClient) {
		CompletableFuture<Channel> client = new CompletableFuture<>();
		try (EventLoops loops = EventLoops.start(transport, 1)) {
			ServerBootstrap bootstrap = new ServerBootstrap().group(loops.group())
				.channel(loops.serverChannel())
				.childHandler(new ChannelInitializer<>() {
					@Override
					protected void initChannel(Channel channel) {
						client.complete(channel);
					}
				});
			new SocketSetup(transport, false).accepting(bootstrap, socket, accept);
			Channel listening = bootstrap.bind("127.0.0.1", 0).syncUninterruptibly().channel();
			int port = ((InetSocketAddress) listening.localAddress()).getPort();
			try (Socket peer = new Socket(InetAddress.getLoopbackAddress(), port)) {
				assertThat(peer.isConnected()).isTrue();
				Channel channel = client.join();
				Accepted<L, C> seen = new Accepted<>(lookListening.apply(listening), lookClient.apply(channel));
				channel.close().syncUninterruptibly();
				return seen;
			}
			finally {
				listening.close().syncUninterruptibly();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static ChannelOption<Integer> nio(SocketOption<Integer> option) {
		return NioChannelOption.of(option);
	}

	// Linux takes twice what is asked for, of which the JDK tells half.
	private static int size(Transport transport, int size) {
		return isLinux(transport) ? size / 2 : size;
	}

	private static Map<String, Object> stream(Transport transport, Channel channel) {
		boolean linux = isLinux(transport);
		var config = channel.config();
		WriteBufferWaterMark marks = config.getWriteBufferWaterMark();
		return Map.ofEntries(entry("noDelay", config.getOption(ChannelOption.TCP_NODELAY)),
				entry("keepAlive", config.getOption(ChannelOption.SO_KEEPALIVE)),
				entry("idle",
						config.getOption(linux ? SocketSetup.TCP_KEEPIDLE : nio(ExtendedSocketOptions.TCP_KEEPIDLE))),
				entry("interval",
						config.getOption(
								linux ? SocketSetup.TCP_KEEPINTVL : nio(ExtendedSocketOptions.TCP_KEEPINTERVAL))),
				entry("count",
						config.getOption(linux ? SocketSetup.TCP_KEEPCNT : nio(ExtendedSocketOptions.TCP_KEEPCOUNT))),
				entry("userTimeout", linux ? config.getOption(SocketSetup.TCP_USER_TIMEOUT) : 31_500),
				entry("tos", config.getOption(ChannelOption.IP_TOS)),
				entry("send", size(transport, config.getOption(ChannelOption.SO_SNDBUF))),
				entry("receive", size(transport, config.getOption(ChannelOption.SO_RCVBUF))), entry("low", marks.low()),
				entry("high", marks.high()));
	}

	private static final Map<String, Object> EXPECTED = Map.ofEntries(entry("noDelay", true), entry("keepAlive", true),
			entry("idle", 71), entry("interval", 13), entry("count", 4), entry("userTimeout", 31_500),
			entry("tos", 46 << 2), entry("send", 100_000), entry("receive", 120_000), entry("low", 1000),
			entry("high", 200_000));

	@ParameterizedTest
	@MethodSource("transports")
	void dialledSocketHasTheOptions(Transport transport) {
		Map<String, Object> seen = dialled(transport, tuned(transport), DialOptions.defaults(),
				(channel) -> stream(transport, channel));
		assertThat(seen).isEqualTo(EXPECTED);
	}

	@ParameterizedTest
	@MethodSource("transports")
	void acceptedSocketHasTheOptions(Transport transport) {
		Accepted<Integer, Map<String, Object>> seen = accepted(transport, tuned(transport),
				AcceptOptions.defaults().backlog(77),
				(listening) -> listening.config().getOption(ChannelOption.SO_BACKLOG),
				(client) -> stream(transport, client));
		assertThat(seen.client()).isEqualTo(EXPECTED);
		assertThat(seen.listening()).isEqualTo(77);
	}

	@ParameterizedTest
	@MethodSource("transports")
	void defaultsLeaveThingsToTheSystem(Transport transport) {
		assertThat(dialled(transport, SocketOptions.upstream(), DialOptions.defaults(), SocketSetupTests::basics))
			.containsExactly(true, true, 0, Buffers.WRITE_BUFFER_LOW, Buffers.WRITE_BUFFER_HIGH);
		assertThat(accepted(transport, SocketOptions.downstream(), AcceptOptions.defaults(), (listening) -> 0,
				SocketSetupTests::basics)
			.client()).containsExactly(true, false, 0, Buffers.WRITE_BUFFER_LOW, Buffers.WRITE_BUFFER_HIGH);
	}

	private static List<Object> basics(Channel channel) {
		WriteBufferWaterMark marks = channel.config().getWriteBufferWaterMark();
		return List.of(channel.config().getOption(ChannelOption.TCP_NODELAY),
				channel.config().getOption(ChannelOption.SO_KEEPALIVE),
				channel.config().getOption(ChannelOption.IP_TOS), marks.low(), marks.high());
	}

	@ParameterizedTest
	@MethodSource("transports")
	void readsGrowToTheirLimitOnly(Transport transport) {
		int[] guesses = dialled(transport, tuned(transport), DialOptions.defaults(), (channel) -> {
			var handle = channel.config().getRecvByteBufAllocator().newHandle();
			int first = handle.guess();
			for (int i = 0; i < 20; i++) {
				handle.reset(channel.config());
				handle.attemptedBytesRead(handle.guess());
				handle.lastBytesRead(handle.guess());
				handle.readComplete();
			}
			return new int[] { first, handle.guess() };
		});
		assertThat(guesses).containsExactly(2048, 32 * 1024);
	}

	@ParameterizedTest
	@MethodSource("transports")
	void listeningSocketHasTheOptions(Transport transport) {
		AcceptOptions options = AcceptOptions.defaults().reusePort(true).fastOpenQueue(isLinux(transport) ? 16 : 0);
		assertThat(accepted(transport, SocketOptions.downstream(), options, (listening) -> {
			var config = listening.config();
			boolean reusePort = config.getOption(isLinux(transport) ? UnixChannelOption.SO_REUSEPORT
					: NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT));
			int fastOpen = isLinux(transport) ? config.getOption(ChannelOption.TCP_FASTOPEN) : 16;
			return reusePort + " " + fastOpen;
		}, (client) -> 0).listening()).isEqualTo("true 16");
	}

	@ParameterizedTest
	@MethodSource("transports")
	void connectionComesFromTheAddress(Transport transport) {
		DialOptions options = DialOptions.defaults().bindTo(LocalAddress.parse("127.0.0.2"));
		String seen = dialled(transport, SocketOptions.upstream(), options, (channel) -> {
			String host = ((InetSocketAddress) channel.localAddress()).getAddress().getHostAddress();
			return host + " "
					+ (isLinux(transport) ? channel.config().getOption(SocketSetup.IP_BIND_ADDRESS_NO_PORT) : 1);
		});
		assertThat(seen).isEqualTo("127.0.0.2 1");
	}

	@ParameterizedTest
	@MethodSource("linuxTransports")
	void connectionComesFromThePortsAndMayOpenFast(Transport transport) {
		DialOptions options = DialOptions.defaults().bindTo(LocalAddress.parse("127.0.0.2:45100-45199")).fastOpen(true);
		String seen = dialled(transport, SocketOptions.upstream(), options, (channel) -> {
			int port = ((InetSocketAddress) channel.localAddress()).getPort();
			return port / 100 + " " + channel.config().getOption(SocketSetup.TCP_FASTOPEN_CONNECT);
		});
		assertThat(seen).isEqualTo("451 1");
	}

}
