package dev.pingora.connector;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerOptions;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Dial} where not even a socket can be made.
 */
@ExtendWith(EngineExtension.class)
class DialTests {

	@AutoClose
	private final PanicIsolation isolation = new PanicIsolation(List.of());

	@AutoClose
	private final EventLoops loops = EventLoops.start(Transport.NIO, 1);

	private final EventLoop loop = this.loops.loops().get(0);

	private final ConnectionCounts counts = new ConnectionCounts();

	private final Told told = new Told();

	/** Remembers what it is told, and whether on its loop. */
	private final class Told implements ConnectHandler {

		private final CompletableFuture<ProxyException> error = new CompletableFuture<>();

		private final CompletableFuture<Panic> panic = new CompletableFuture<>();

		@Override
		public void onConnected(UpstreamSession session) {
			this.panic.completeExceptionally(new AssertionError("connected"));
		}

		@Override
		public void onConnectFailed(ProxyException error) {
			assertThat(DialTests.this.loop.inEventLoop()).isTrue();
			this.error.complete(error);
		}

		@Override
		public void onConnectPanicked(Panic panic) {
			assertThat(DialTests.this.loop.inEventLoop()).isTrue();
			this.panic.complete(panic);
		}

	}

	private Dial dial(HttpPeer peer, RuntimeException thrown) {
		Bootstrap bootstrap = new Bootstrap().group(this.loop).remoteAddress("127.0.0.1", 9).channelFactory(() -> {
			throw thrown;
		});
		assertThat(this.counts.tryAcquire(peer)).isTrue();
		return CompletableFuture.supplyAsync(() -> {
			Dial dial = new Dial(this.isolation, peer, new LoopPool(new PeerStatistics()), this.told);
			dial.start(this.loop, bootstrap, () -> this.counts.release(peer.key()));
			return dial;
		}, this.loop).join();
	}

	@ParameterizedTest
	@ValueSource(strings = { "127.0.0.1", "name.invalid" })
	void dialWithoutASocketFailsAndGivesItsPermitBack(String host) {
		HttpPeer peer = HttpPeer.of(host, 1, PeerOptions.builder().maxConnections(1).build());
		dial(peer, new ChannelException("no socket", new IOException("Too many open files")));
		assertThat(this.told.error).succeedsWithin(Await.PATIENCE).satisfies((error) -> {
			assertThat(error.type()).isEqualTo(ErrorType.CONNECT_ERROR);
			assertThat(error.source()).isEqualTo(ErrorSource.UPSTREAM);
			assertThat(error).hasMessageContaining("Too many open files");
		});
		assertThat(this.counts.total()).isZero();
		assertThat(this.counts.tryAcquire(peer)).isTrue();
		assertThat(this.isolation.totals().total()).isZero();
	}

	@Test
	void anotherReasonIsAPanicAndThePermitIsGivenBackToo() {
		dial(HttpPeer.of("127.0.0.1", 1), new IllegalStateException("a bug"));
		assertThat(this.told.panic).succeedsWithin(Await.PATIENCE);
		assertThat(this.counts.total()).isZero();
		assertThat(this.isolation.totals().total()).isOne();
	}

}
