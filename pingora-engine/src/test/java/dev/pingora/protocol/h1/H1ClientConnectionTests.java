package dev.pingora.protocol.h1;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.error.Retry;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.IgnoringHandler;
import dev.pingora.protocol.UpstreamHandler;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link H1ClientConnection}.
 */
@ExtendWith(EngineExtension.class)
class H1ClientConnectionTests {

	@AutoClose
	private final PanicIsolation isolation = new PanicIsolation(List.of());

	@AutoClose
	private final EventLoops loops = EventLoops.start(Transport.NIO, 1);

	@AutoClose
	private final RawOrigin origin = RawOrigin.start((exchange) -> exchange.respond(200, ""));

	private final HttpPeer peer = HttpPeer.of("127.0.0.1", this.origin.port());

	private final Told told = new Told();

	/** Remembers how the session ended. */
	private static class Told extends IgnoringHandler implements UpstreamHandler {

		final CompletableFuture<ProxyException> failure = new CompletableFuture<>();

		private final CompletableFuture<Integer> answered = new CompletableFuture<>();

		@Override
		public void onInformational(ResponseHeader header) {
			unexpected("an interim response");
		}

		@Override
		public void onHeader(ResponseHeader header, boolean end) {
			this.answered.complete(header.status());
			unexpected("a response");
		}

		@Override
		public void onUpgrade(ResponseHeader header) {
			unexpected("an upgrade");
		}

		@Override
		public void onBody(ByteBuf data, boolean end) {
			data.release();
			unexpected("a body");
		}

		@Override
		public void onTrailers(Headers trailers) {
			unexpected("trailers");
		}

		@Override
		public void onFailure(ProxyException error) {
			this.failure.complete(error);
		}

		@Override
		public void onPanic(Panic panic) {
			unexpected("a panic");
		}

		private void unexpected(String what) {
			this.failure.completeExceptionally(new AssertionError(what));
		}

	}

	/** Has no use for idle connections. */
	private static final class Careless implements H1ClientConnection.Owner {

		@Override
		public void idle(H1ClientConnection connection) {
			connection.close();
		}

		@Override
		public void closing(H1ClientConnection connection) {
		}

		@Override
		public void closed(H1ClientConnection connection) {
		}

	}

	private Channel connect(H1ClientConnection connection) {
		return new Bootstrap().group(this.loops.loops().get(0))
			.channel(this.loops.channel())
			.handler(connection)
			.connect(new InetSocketAddress("127.0.0.1", this.origin.port()))
			.syncUninterruptibly()
			.channel();
	}

	/** Forgets how to keep a connection. */
	private static final class Clumsy implements H1ClientConnection.Owner {

		@Override
		public void idle(H1ClientConnection connection) {
			throw new IllegalStateException("a bug");
		}

		@Override
		public void closing(H1ClientConnection connection) {
		}

		@Override
		public void closed(H1ClientConnection connection) {
		}

	}

	@Test
	void connectionThatItsOwnerCanNotKeepIsClosed() {
		H1ClientConnection connection = new H1ClientConnection(this.isolation, this.peer.key(), new Clumsy());
		EventLoop loop = connect(connection).eventLoop();
		UpstreamSession session = CompletableFuture.supplyAsync(() -> connection.open(this.peer), loop).join();
		loop.execute(() -> {
			session.start(this.told);
			session.writeHeader(RequestHeader.of("GET", "/"), true);
			session.flush();
		});
		assertThat(this.told.answered).succeedsWithin(Await.PATIENCE);
		loop.execute(
				() -> this.isolation.observe(PanicSite.of(PanicSite.CODEC, "test"), session, UpstreamSession::recycle));
		assertThat(this.origin.awaitClosed(1)).isEqualTo(End.FIN);
		assertThat(this.isolation.totals().total()).isOne();
	}

	/** A socket is closed some time before the handlers are told. */
	@Test
	void requestOnAConnectionThatIsJustBeingClosedWasNotSent() {
		H1ClientConnection connection = new H1ClientConnection(this.isolation, this.peer.key(), new Careless());
		Channel channel = connect(connection);
		channel.eventLoop().execute(() -> {
			UpstreamSession session = connection.open(this.peer);
			session.start(this.told);
			channel.close();
			session.writeHeader(RequestHeader.of("POST", "/"), true);
			session.flush();
		});
		assertThat(this.told.failure).succeedsWithin(Await.PATIENCE).satisfies((error) -> {
			assertThat(error.type()).isEqualTo(ErrorType.CONNECTION_CLOSED);
			assertThat(error.retry()).isEqualTo(Retry.ALWAYS);
		});
		assertThat(this.origin.requestCount()).isZero();
	}

	/** Writes to a tunnel whose other end is gone, and remembers when it is told. */
	private static final class LateWriter extends Told {

		private final CountDownLatch open = new CountDownLatch(1);

		private final CountDownLatch peerIsGone = new CountDownLatch(1);

		private final UpstreamSession session;

		private boolean writing;

		private boolean toldWithin;

		private LateWriter(UpstreamSession session) {
			this.session = session;
		}

		@Override
		public void onUpgrade(ResponseHeader header) {
			this.open.countDown();
			Await.until("the peer is gone", () -> this.peerIsGone.getCount() == 0);
			this.writing = true;
			this.session.writeBody(Unpooled.buffer().writeByte('x'), false);
			this.session.flush();
			this.writing = false;
		}

		@Override
		public void onFailure(ProxyException error) {
			this.toldWithin = this.writing;
			super.onFailure(error);
			this.session.close();
		}

	}

	/** A write that fails is known at once; who writes is told when it has returned. */
	@Test
	void failureOfAWriteToATunnelIsToldWhenTheCallHasReturned() {
		H1ClientConnection connection = new H1ClientConnection(this.isolation, this.peer.key(), new Careless());
		EventLoop loop = connect(connection).eventLoop();
		UpstreamSession session = CompletableFuture.supplyAsync(() -> connection.open(this.peer), loop).join();
		LateWriter writer = new LateWriter(session);
		this.origin.on("/tunnel", (exchange) -> {
			exchange.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
			exchange.await(writer.open);
			exchange.reset();
			writer.peerIsGone.countDown();
		});
		loop.execute(() -> {
			session.start(writer);
			session.writeUpgrade(RequestHeader.of("GET", "/tunnel"), "websocket");
			session.flush();
		});
		assertThat(writer.failure).succeedsWithin(Await.PATIENCE).satisfies((error) -> {
			assertThat(error.type()).isEqualTo(ErrorType.READ_ERROR);
			assertThat(writer.toldWithin).as("told within a call").isFalse();
		});
		assertThat(this.isolation.totals().total()).isZero();
	}

	@Test
	void headThatCanNotGrowForAnUpgradeIsReleased() {
		H1ClientConnection connection = new H1ClientConnection(this.isolation, this.peer.key(), new Careless());
		Channel channel = connect(connection);
		CrampedMemory memory = new CrampedMemory();
		CompletableFuture.runAsync(() -> {
			channel.config().setAllocator(memory);
			UpstreamSession session = connection.open(this.peer);
			session.start(this.told);
			RequestHeader header = RequestHeader.of("GET", "/" + "a".repeat(480));
			assertThatExceptionOfType(OutOfMemoryError.class)
				.isThrownBy(() -> session.writeUpgrade(header, "websocket"));
			session.close();
		}, channel.eventLoop()).join();
		assertThat(memory.made()).singleElement().extracting(ByteBuf::refCnt).isEqualTo(0);
		assertThat(this.origin.requestCount()).isZero();
	}

}
