package dev.pingora.connector;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import dev.pingora.testkit.Await;
import dev.pingora.testkit.DnsServer;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.ReflectiveChannelFactory;
import io.netty.channel.socket.DatagramChannel;
import io.netty.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Resolving}: the sockets of look-ups.
 */
@ExtendWith(EngineExtension.class)
class ResolvingTests {

	@AutoClose
	private final DnsServer dns = DnsServer.start();

	static List<Transport> transports() {
		return Stream.of(Transport.values()).filter(EventLoops::isAvailable).toList();
	}

	/** Real channels; some of them can't be made. */
	private static final class Channels implements ChannelFactory<DatagramChannel> {

		private final ChannelFactory<? extends DatagramChannel> real;

		private final Queue<DatagramChannel> made = new ConcurrentLinkedQueue<>();

		// Set by the test, counted down by the loop.
		private volatile int failures;

		private Channels(EventLoops loops) {
			this.real = new ReflectiveChannelFactory<>(loops.datagramChannel());
		}

		@Override
		public DatagramChannel newChannel() {
			if (this.failures > 0) {
				this.failures--;
				throw new ChannelException("Failed to open a socket.", new IOException("Too many open files"));
			}
			DatagramChannel channel = this.real.newChannel();
			this.made.add(channel);
			return channel;
		}

		private boolean areClosed() {
			return this.made.stream().noneMatch(Channel::isOpen);
		}

	}

	/** One loop that looks names up. */
	private final class Loop implements AutoCloseable {

		private final EventLoops loops;

		private final Channels channels;

		private final Resolving resolving;

		private Loop(Transport transport, UnaryOperator<DnsOptions.Builder> options) {
			this.loops = EventLoops.start(transport, 1);
			this.channels = new Channels(this.loops);
			DnsOptions dns = options.apply(DnsOptions.builder().servers(ResolvingTests.this.dns.address())).build();
			this.resolving = new Resolving(this.loops, dns, this.channels);
		}

		/** Looks names up within one turn of the loop. */
		private List<Future<List<InetSocketAddress>>> begin(List<String> names) {
			EventLoop loop = this.loops.loops().get(0);
			return loop
				.submit(() -> names.stream()
					.map((name) -> InetSocketAddress.createUnresolved(name, 1))
					.map((name) -> this.resolving.of(0).getResolver(loop).resolveAll(name))
					.toList())
				.syncUninterruptibly()
				.getNow();
		}

		private Future<List<InetSocketAddress>> lookUp(String name) {
			return end(begin(List.of(name)).get(0));
		}

		private Future<List<InetSocketAddress>> end(Future<List<InetSocketAddress>> result) {
			assertThat(result.awaitUninterruptibly(Await.PATIENCE.toMillis())).isTrue();
			return result;
		}

		@Override
		public void close() {
			this.loops.loops().get(0).execute(() -> this.resolving.closeSockets(0));
			this.resolving.close();
			this.loops.close();
		}

	}

	@ParameterizedTest
	@MethodSource("transports")
	void lookUpForWhichThereWasNoDescriptorFailsAloneAndTheNextOneWorks(Transport transport) {
		try (Loop loop = new Loop(transport, (it) -> it)) {
			for (String name : List.of("a.test", "b.test")) {
				this.dns.put(name, 60, "127.0.0.1");
				loop.channels.failures = 1;
				Throwable cause = loop.lookUp(name).cause();
				assertThat(cause).isInstanceOf(UnknownHostException.class);
				assertThat(ConnectFailure.unresolved(HttpPeer.of(name, 1), cause))
					.hasMessage("upstream dns_error: look-up of " + name + ":1: Too many open files");
				assertThat(loop.lookUp(name).getNow()).containsExactly(new InetSocketAddress("127.0.0.1", 1));
			}
			Await.until("no socket is left", loop.channels::areClosed);
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void socketThatAnErrorHasClosedHarmsNoOtherLookUp(Transport transport) {
		this.dns.put("b.test", 60, "127.0.0.1").silent(true);
		try (Loop loop = new Loop(transport, (it) -> it.queryTimeout(Duration.ofMillis(100)))) {
			Future<List<InetSocketAddress>> first = loop.begin(List.of("a.test")).get(0);
			assertThat(loop.channels.made).hasSize(1);
			loop.channels.made.element().close().syncUninterruptibly();
			this.dns.silent(false);
			assertThat(loop.lookUp("b.test").isSuccess()).isTrue();
			assertThat(loop.end(first).cause()).isInstanceOf(UnknownHostException.class);
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void socketIsClosedWhenItsLookUpHasEnded(Transport transport) {
		this.dns.put("a.test", 60, "127.0.0.1");
		try (Loop loop = new Loop(transport, (it) -> it.queryTimeout(Duration.ofMillis(50)))) {
			assertThat(loop.lookUp("a.test").isSuccess()).isTrue();
			Await.until("it is closed after an answer", loop.channels::areClosed);
			assertThat(loop.lookUp("b.test").isSuccess()).isFalse();
			Await.until("it is closed when there is no such name", loop.channels::areClosed);
			this.dns.silent(true);
			assertThat(loop.lookUp("c.test").isSuccess()).isFalse();
			Await.until("it is closed after silence", loop.channels::areClosed);
			assertThat(loop.channels.made).hasSize(3);
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void lookUpsOfOneNameAtOnceShareASocketAndThoseOfAnotherHaveTheirOwn(Transport transport) {
		this.dns.put("a.test", 60, "127.0.0.1").put("b.test", 60, "127.0.0.2");
		try (Loop loop = new Loop(transport, (it) -> it)) {
			List<String> names = new ArrayList<>(Collections.nCopies(100, "a.test"));
			names.add("b.test");
			loop.begin(names).forEach((result) -> assertThat(loop.end(result).isSuccess()).isTrue());
			assertThat(loop.channels.made).hasSize(2);
			assertThat(this.dns.queries("a.test")).isOne();
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void socketOfALookUpThatHasNotEndedIsClosedWithTheServer(Transport transport) {
		this.dns.silent(true);
		Loop loop = new Loop(transport, (it) -> it.queryTimeout(Duration.ofSeconds(30)));
		loop.begin(List.of("a.test"));
		loop.close();
		assertThat(loop.channels.made).hasSize(1);
		Await.until("it is closed", loop.channels::areClosed);
	}

	@ParameterizedTest
	@MethodSource("transports")
	void addressesOfBothFamiliesAreKeptWhicheverIsToldFirst(Transport transport) {
		this.dns.put("a.test", 60, "127.0.0.1", "::1");
		try (Loop loop = new Loop(transport, (it) -> it)) {
			loop.lookUp("a.test");
			Await.until("both are known", () -> loop.lookUp("a.test").getNow().size() == 2);
			assertThat(this.dns.queries("a.test")).isOne();
		}
	}

}
