package dev.pingora.protocol.h1;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

import dev.pingora.error.ProxyException;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.protocol.ClosingLimitCounts;
import dev.pingora.protocol.DownstreamHandler;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.protocol.DownstreamSession;
import dev.pingora.protocol.IgnoringHandler;
import dev.pingora.protocol.SessionHandler;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link H1ServerConnection}.
 */
@ExtendWith(EngineExtension.class)
class H1ServerConnectionTests {

	private static final int SIZE = 5000;

	@AutoClose
	private final PanicIsolation isolation = new PanicIsolation(List.of());

	private final CountDownLatch entered = new CountDownLatch(1);

	private final CountDownLatch clientIsGone = new CountDownLatch(1);

	private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

	/** Answers each request, and remembers what it is told. */
	private abstract class Answer extends IgnoringHandler implements DownstreamHandler {

		final DownstreamSession session;

		private boolean answering;

		Answer(DownstreamSession session) {
			this.session = session;
		}

		abstract void answer();

		@Override
		public void onRequest() {
			this.answering = true;
			try {
				answer();
			}
			finally {
				this.answering = false;
			}
		}

		@Override
		public void onFailure(ProxyException error) {
			H1ServerConnectionTests.this.told.add(error.type().name() + (this.answering ? " within a call" : " later"));
			this.session.end(DownstreamSession.End.RESET);
		}

		@Override
		public void onPanic(Panic panic) {
			H1ServerConnectionTests.this.told.add("panic");
		}

	}

	/** Answers when the client is gone. */
	private final class LateAnswer extends Answer {

		private LateAnswer(DownstreamSession session) {
			super(session);
		}

		@Override
		void answer() {
			H1ServerConnectionTests.this.entered.countDown();
			Await.until("the client is gone", () -> H1ServerConnectionTests.this.clientIsGone.getCount() == 0);
			this.session.writeHeader(ResponseHeader.of(200), false);
			this.session.writeBody(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII), false);
			this.session.flush();
			this.session.writeBody(Unpooled.copiedBuffer("again", StandardCharsets.US_ASCII), false);
			this.session.flush();
		}

	}

	/** Answers with a piece that is not direct memory, as filters make them. */
	private final class HeapAnswer extends Answer {

		private HeapAnswer(DownstreamSession session) {
			super(session);
		}

		@Override
		void answer() {
			ResponseHeader header = ResponseHeader.of(200);
			header.headers().set("Content-Length", String.valueOf(SIZE));
			this.session.writeHeader(header, false);
			this.session.writeBody(Unpooled.wrappedBuffer(new byte[SIZE]), true);
			this.session.end(DownstreamSession.End.REUSE);
		}

	}

	/** Agrees to an upgrade for whose fields there is no memory. */
	private final class UpgradeAnswer extends Answer {

		private UpgradeAnswer(DownstreamSession session) {
			super(session);
		}

		@Override
		void answer() {
			ResponseHeader header = ResponseHeader.of(101);
			header.headers().set("X", "a".repeat(200));
			assertThatExceptionOfType(OutOfMemoryError.class)
				.isThrownBy(() -> this.session.acceptUpgrade(header, this));
			H1ServerConnectionTests.this.told.add("thrown");
			this.session.end(DownstreamSession.End.RESET);
		}

	}

	/** Has no direct memory for an answer's body. */
	private static final class Exhausted extends AbstractByteBufAllocator {

		private Exhausted() {
			super(true);
		}

		@Override
		protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
			return Unpooled.buffer(initialCapacity, maxCapacity);
		}

		@Override
		protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
			if (initialCapacity == SIZE) {
				throw new OutOfMemoryError("Cannot reserve " + SIZE + " bytes of direct buffer memory");
			}
			return Unpooled.directBuffer(initialCapacity, maxCapacity);
		}

		@Override
		public boolean isDirectBufferPooled() {
			return false;
		}

	}

	private Channel listen(EventLoops loops, SessionHandler sessions, ByteBufAllocator memory) {
		return new ServerBootstrap().group(loops.loops().get(0))
			.channel(loops.serverChannel())
			.childOption(ChannelOption.ALLOCATOR, memory)
			.childHandler(new ChannelInitializer<Channel>() {
				@Override
				protected void initChannel(Channel channel) {
					channel.pipeline()
						.addLast(new H1ServerConnection(DownstreamOptions.defaults(), sessions,
								H1ServerConnectionTests.this.isolation, new ClosingLimitCounts()));
				}
			})
			.bind(new InetSocketAddress("127.0.0.1", 0))
			.syncUninterruptibly()
			.channel();
	}

	/** A write that fails is known at once; who writes is told when it has returned. */
	@ParameterizedTest
	@EnumSource(value = Transport.class, names = { "NIO", "EPOLL" })
	void failureOfAWriteIsToldWhenTheCallHasReturned(Transport transport) throws Exception {
		try (EventLoops loops = EventLoops.start(transport, 1)) {
			Channel listener = listen(loops, LateAnswer::new, ByteBufAllocator.DEFAULT);
			try (RawClient client = RawClient.connect(((InetSocketAddress) listener.localAddress()).getPort())) {
				client.get("/");
				Await.until("the request is there", () -> this.entered.getCount() == 0);
				client.abort();
				this.clientIsGone.countDown();
				Await.until("it is told", () -> !this.told.isEmpty());
			}
			listener.close().syncUninterruptibly();
		}
		assertThat(this.told).containsExactly("read_error later");
		assertThat(this.isolation.totals().total()).isZero();
	}

	/**
	 * A piece that can't be written must not become a hole, which the next response would
	 * fill.
	 */
	@ParameterizedTest
	@EnumSource(value = Transport.class, names = { "NIO", "EPOLL", "IO_URING" })
	void answerForWhichThereIsNoMemoryEndsInAReset(Transport transport) {
		try (EventLoops loops = EventLoops.start(transport, 1)) {
			Channel listener = listen(loops, HeapAnswer::new, new Exhausted());
			try (RawClient client = RawClient.connect(((InetSocketAddress) listener.localAddress()).getPort())) {
				assertThat(client.get("/").awaitEnd()).isEqualTo(End.RESET);
			}
			listener.close().syncUninterruptibly();
		}
		assertThat(this.told).containsExactly("out_of_direct_memory later");
		assertThat(this.isolation.totals().total()).isZero();
	}

	@Test
	void headThatCanNotGrowForAnUpgradeIsReleased() {
		CrampedMemory memory = new CrampedMemory();
		try (EventLoops loops = EventLoops.start(Transport.NIO, 1)) {
			Channel listener = listen(loops, UpgradeAnswer::new, memory);
			try (RawClient client = RawClient.connect(((InetSocketAddress) listener.localAddress()).getPort())) {
				client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
				assertThat(client.awaitEnd()).isEqualTo(End.RESET);
			}
			listener.close().syncUninterruptibly();
		}
		assertThat(this.told).containsExactly("thrown");
		assertThat(memory.made()).singleElement().extracting(ByteBuf::refCnt).isEqualTo(0);
	}

}
