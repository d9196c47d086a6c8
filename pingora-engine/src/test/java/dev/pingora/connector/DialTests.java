package dev.pingora.connector;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerOptions;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalChannel;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.DefaultAddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

	private final ConnectionCounts counts = new ConnectionCounts(new PeerStatistics(1), 1);

	private final Told told = new Told();

	/** Remembers what it is told, and whether on its loop. */
	private final class Told implements ConnectHandler {

		private final CompletableFuture<ProxyException> error = new CompletableFuture<>();

		private final CompletableFuture<Panic> panic = new CompletableFuture<>();

		private boolean cannotTake;

		@Override
		public void onConnected(UpstreamSession session) {
			if (this.cannotTake) {
				throw new IllegalStateException("no memory, say");
			}
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
		return dial(peer, new Bootstrap().group(this.loop).channelFactory(() -> {
			throw thrown;
		}));
	}

	private Dial dial(HttpPeer peer, Bootstrap bootstrap) {
		return dial(peer, new PeerSockets(this.loops, bootstrap, bootstrap), 0, DefaultAddressResolverGroup.INSTANCE);
	}

	private Dial dial(HttpPeer peer, PeerSockets sockets, int index, AddressResolverGroup<InetSocketAddress> resolver) {
		PeerState state = this.counts.acquire(peer);
		assertThat(state).isNotNull();
		return CompletableFuture.supplyAsync(() -> {
			LoopPool pool = new LoopPool(this.loop, index, sockets, new IdleQuota(1, 1));
			Dial dial = new Dial(this.isolation, peer, pool, new Dial.Permit(this.counts, state), this.told);
			dial.start(resolver);
			return dial;
		}, this.loop).join();
	}

	@ParameterizedTest
	@ValueSource(strings = { "127.0.0.1", "localhost" })
	void dialWithoutASocketFailsAndGivesItsPermitBack(String host) {
		HttpPeer peer = HttpPeer.of(host, 1, PeerOptions.builder().maxConnections(1).build());
		dial(peer, new ChannelException("no socket", new IOException("Too many open files")));
		assertThat(this.told.error).succeedsWithin(Await.PATIENCE).satisfies((error) -> {
			assertThat(error.type()).isEqualTo(ErrorType.CONNECT_ERROR);
			assertThat(error.source()).isEqualTo(ErrorSource.UPSTREAM);
			assertThat(error).hasMessageContaining("Too many open files");
		});
		assertThat(this.counts.total()).isZero();
		assertThat(this.counts.acquire(peer)).isNotNull();
		assertThat(this.isolation.totals().total()).isZero();
	}

	/**
	 * A channel that no descriptor is left for, as the channels of all transports say it.
	 */
	public static final class OutOfDescriptors extends LocalChannel {

		public OutOfDescriptors() {
			throw new ChannelException("Failed to open a socket.", new IOException("Too many open files"));
		}

	}

	@Test
	void channelThatCanNotBeMadeIsNoPanic() {
		dial(HttpPeer.of("127.0.0.1", 1), new Bootstrap().group(this.loop).channel(OutOfDescriptors.class));
		assertThat(this.told.error).succeedsWithin(Await.PATIENCE).satisfies((error) -> {
			assertThat(error.type()).isEqualTo(ErrorType.CONNECT_ERROR);
			assertThat(error).hasMessageContaining("Too many open files");
		});
		assertThat(this.counts.total()).isZero();
		assertThat(this.isolation.totals().total()).isZero();
	}

	@Test
	void anotherReasonIsAPanicAndThePermitIsGivenBackToo() {
		dial(HttpPeer.of("127.0.0.1", 1), new IllegalStateException("a bug"));
		assertThat(this.told.panic).succeedsWithin(Await.PATIENCE);
		assertThat(this.counts.total()).isZero();
		assertThat(this.isolation.totals().total()).isOne();
	}

	@Test
	void lookUpThatCanNotBeginGivesThePermitBack() {
		AddressResolverGroup<InetSocketAddress> broken = new AddressResolverGroup<>() {
			@Override
			protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
				throw new IllegalArgumentException("a bug");
			}
		};
		assertThatThrownBy(() -> dial(HttpPeer.of("a.test", 1), new PeerSockets(this.loops, this.loop), 0, broken))
			.hasRootCauseMessage("a bug");
		assertThat(this.counts.total()).isZero();
	}

	/** A pool that doesn't know of its loop can't take the connection. */
	@Test
	void connectionThatThePoolCanNotTakeIsClosedAndTheUserIsTold() {
		try (RawOrigin origin = RawOrigin.start()) {
			dial(HttpPeer.of("127.0.0.1", origin.port()), new PeerSockets(this.loops, this.loop), 7,
					DefaultAddressResolverGroup.INSTANCE);
			assertThat(this.told.panic).succeedsWithin(Await.PATIENCE);
			assertThat(origin.awaitClosed(1)).isEqualTo(End.FIN);
			Await.until("the permit is back", () -> this.counts.total() == 0);
			assertThat(this.isolation.totals().total()).isOne();
		}
	}

	@Test
	void connectionThatItsUserCanNotTakeIsClosedAndTheUserIsTold() {
		try (RawOrigin origin = RawOrigin.start()) {
			this.told.cannotTake = true;
			dial(HttpPeer.of("127.0.0.1", origin.port()), new PeerSockets(this.loops, this.loop), 0,
					DefaultAddressResolverGroup.INSTANCE);
			assertThat(origin.awaitClosed(1)).isEqualTo(End.FIN);
			Await.until("the permit is back", () -> this.counts.total() == 0);
			assertThat(this.told.panic).succeedsWithin(Await.PATIENCE);
			assertThat(this.isolation.totals().total()).isOne();
		}
	}

}
