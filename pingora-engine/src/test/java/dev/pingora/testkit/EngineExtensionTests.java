package dev.pingora.testkit;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

/**
 * Tests for {@link EngineExtension}: each kind of leak goes red, and says where it came
 * from.
 */
class EngineExtensionTests {

	@BeforeAll
	static void install() {
		KitInstallation.install(); // for development environments that skip the service
	}

	@AfterEach
	void cleanUp() throws Exception {
		LeakyCases.cleanUp();
	}

	@Test
	void buffersGoRedWithWhereTheyWereAllocated() {
		Map<String, String> failures = failures(run(LeakyCases.Buffer.class).testEvents());
		assertThat(failures).containsOnlyKeys("direct()", "heap()", "pooled()", "unpooled()", "composite()",
				"retainedSlice()", "onEventLoop()");
		assertThat(failures.values()).allSatisfy((message) -> assertThat(message).contains("1 x ")
			.contains("was never released; allocated by thread")
			.contains("LeakyCases$Buffer"));
		assertThat(failures.get("onEventLoop()")).contains("allocated by thread multiThreadIoEventLoopGroup");
	}

	@Test
	void descriptorsGoRed() {
		Map<String, String> failures = failures(run(LeakyCases.Descriptor.class).testEvents());
		assertThat(failures).containsOnlyKeys("listeningSocket()", "connection()", "file(Path)");
		assertThat(failures.get("listeningSocket()")).contains("left open: tcp").contains("LISTEN");
		assertThat(failures.get("connection()")).contains("left open: tcp").contains("CLOSE_WAIT");
		assertThat(failures.get("file(Path)")).contains("access.txt");
	}

	@Test
	void threadsGoRed() {
		Map<String, String> failures = failures(run(LeakyCases.Threads.class).testEvents());
		assertThat(failures).containsOnlyKeys("ofTheEngine()", "ofAnEventLoop()");
		assertThat(failures.get("ofTheEngine()")).contains("thread \"pingora-forgotten\" still runs at")
			.contains("LeakyCases$Threads");
		assertThat(failures.get("ofAnEventLoop()")).contains("thread \"multiThreadIoEventLoopGroup-");
	}

	@Test
	void whatOnlyNettyLogsGoesRed() {
		Map<String, String> failures = failures(run(LeakyCases.Log.class).testEvents());
		assertThat(failures).containsOnlyKeys("listenerThrows()", "taskThrows()", "nobodyHandles()");
		assertThat(failures.get("listenerThrows()")).contains("An exception was thrown by")
			.contains("thrown by a listener");
		assertThat(failures.get("taskThrows()")).contains("A task raised an exception").contains("thrown by a task");
		assertThat(failures.get("nobodyHandles()")).contains("handled by nobody");
	}

	@Test
	void classGoesRedForWhatItsBeforeAllHasLeft() {
		EngineExecutionResults results = run(LeakyCases.WholeClass.class);
		assertThat(failures(results.testEvents())).isEmpty();
		assertThat(failures(results.containerEvents())).hasSize(1)
			.hasEntrySatisfying("LeakyCases$WholeClass",
					(message) -> assertThat(message).contains("LeakyCases$WholeClass.before"));
	}

	@Test
	void perClassChecksTheClassAlone() {
		EngineExecutionResults results = run(LeakyCases.SharedServer.class);
		assertThat(failures(results.testEvents())).isEmpty();
		assertThat(failures(results.containerEvents())).hasSize(1);
	}

	@Test
	void staysGreenForWhatEndsInTime() {
		EngineExecutionResults results = run(Tidy.class);
		assertThat(failures(results.allEvents())).isEmpty();
		assertThat(results.testEvents().succeeded().count()).isEqualTo(3);
	}

	private static EngineExecutionResults run(Class<?> tests) {
		return EngineTestKit.engine("junit-jupiter").selectors(selectClass(tests)).execute();
	}

	private static Map<String, String> failures(Events events) {
		return events.failed()
			.stream()
			.collect(Collectors.toMap(name(),
					(event) -> String.valueOf(event.getRequiredPayload(TestExecutionResult.class)
						.getThrowable()
						.map(Throwable::getMessage)
						.orElse(null))));
	}

	private static Function<Event, String> name() {
		return (event) -> {
			TestDescriptor descriptor = event.getTestDescriptor();
			return descriptor.isTest() ? descriptor.getLegacyReportingName()
					: descriptor.getLegacyReportingName().replaceFirst(".*\\.", "");
		};
	}

	/**
	 * Whatever it makes is gone in the end.
	 */
	@ExtendWith(EngineExtension.class)
	static final class Tidy {

		@AutoClose
		private final RawOrigin origin = RawOrigin.start();

		@Test
		void echoServer() {
			MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
			int port = ((InetSocketAddress) new ServerBootstrap().group(loops)
				.channel(NioServerSocketChannel.class)
				.childHandler(new Hello())
				.bind("127.0.0.1", 0)
				.syncUninterruptibly()
				.channel()
				.localAddress()).getPort();
			try (RawClient client = RawClient.connect(port)) {
				assertThat(client.get("/").readResponse().text()).isEqualTo("hello");
			}
			// not awaited: the extension waits
			loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
		}

		@Test
		void constantOfAClass() {
			assertThat(Constant.BUFFER.isReadable()).isFalse();
		}

		@Test
		void originThatClosesItself() {
			try (RawClient client = RawClient.connect(this.origin.port())) {
				assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			}
		}

	}

	/** A buffer that lives as long as its class. */
	static final class Constant {

		static final ByteBuf BUFFER = Unpooled.unreleasableBuffer(ByteBufAllocator.DEFAULT.directBuffer(1));

		private Constant() {
		}

	}

	@Sharable
	private static final class Hello extends ChannelInboundHandlerAdapter {

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			((ByteBuf) message).release();
			ByteBuf response = context.alloc().directBuffer();
			response.writeCharSequence("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", StandardCharsets.US_ASCII);
			context.writeAndFlush(response, context.voidPromise());
		}

	}

}
