package dev.pingora.server;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;

import dev.pingora.connector.DnsOptions;
import dev.pingora.connector.PoolOptions;
import dev.pingora.connector.PooledConnector;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicResponse;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.protocol.ShutdownStage;
import dev.pingora.protocol.h1.H1ServerConnection;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Router;
import dev.pingora.proxy.Session;
import dev.pingora.proxy.internal.ProxyEngine;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a listener counts while its server drains, which a server does not show any more
 * then.
 */
@ExtendWith(EngineExtension.class)
class DrainedConnectionTests {

	private static final DownstreamOptions OPTIONS = DownstreamOptions.builder()
		.idleTimeout(Duration.ofSeconds(30))
		.headerTimeout(Duration.ofSeconds(30))
		.build();

	@AutoClose
	private final PanicIsolation isolation = new PanicIsolation(List.of());

	private final EventLoops loops = EventLoops.start(Transport.AUTO, 1);

	private final Connections connections = new Connections();

	private static final class Answering implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			return session.respond(204);
		}

	}

	private ProxyEngine engine(PooledConnector connector) {
		Route route = Route.of("r", List.of(NamedFilter.of("f", new Answering())), null);
		return new ProxyEngine(new ProxyEngine.Parts(Router.to(route), connector, this.isolation, Runnable::run,
				List.of(), PanicResponse.RESET, new ProxyEngine.RetryLimits(0, 0, 0), List.of(), this.loops,
				OPTIONS.upgrade()));
	}

	private PooledConnector connector() {
		return new PooledConnector(this.loops, this.isolation,
				new PooledConnector.Settings(PoolOptions.defaults(), DnsOptions.defaults(), UnaryOperator.identity()));
	}

	private Listener listen(PooledConnector connector) {
		ProxyEngine engine = engine(connector);
		Listener listener = new Listener(ListenerOptions.of("http", "127.0.0.1", 0), this.loops, this.isolation,
				this.connections, (closed) -> new H1ServerConnection(OPTIONS, engine, this.isolation, closed));
		listener.open();
		return listener;
	}

	private static void awaitTurn(EventLoops loops) {
		loops.loops().get(0).submit(() -> {
		}).syncUninterruptibly();
	}

	/** The server closes it, whatever a client has left of its time. */
	@Test
	void connectionsThatADrainingServerClosesHaveMetNoLimit() {
		try (EventLoops closing = this.loops; PooledConnector connector = connector()) {
			Listener listener = listen(connector);
			try (RawClient idle = RawClient.connect(listener.describe().port());
					RawClient silent = RawClient.connect(listener.describe().port())) {
				assertThat(idle.get("/").readResponse().status()).isEqualTo(204);
				Await.until("both are accepted", () -> listener.describe().connections() == 2);
				this.connections.shutDown(ShutdownStage.DRAINING);
				assertThat(idle.readAll()).isEmpty();
				assertThat(silent.readAll()).isEmpty();
			}
			assertThat(this.connections.awaitEmpty(Duration.ofSeconds(5).toNanos())).isTrue();
			awaitTurn(closing); // by when the ends have been told
			assertThat(listener.describe().closed().values()).containsOnly(0L);
			listener.close().awaitUninterruptibly();
		}
	}

	/** The first one of a connection too, though its time runs since the accept. */
	@ParameterizedTest
	@ValueSource(strings = { "", "\r\n" })
	void headThatBeginsAsTheServerDrainsHasItsTime(String before) {
		CountDownLatch held = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		try (EventLoops closing = this.loops; PooledConnector connector = connector()) {
			Listener listener = listen(connector);
			try (RawClient client = RawClient.connect(listener.describe().port())) {
				client.send(before);
				Await.until("it is accepted", () -> listener.describe().connections() == 1);
				awaitTurn(closing);
				closing.loops().get(0).execute(() -> {
					held.countDown();
					Await.until("all is here", () -> release.getCount() == 0);
				});
				Await.until("the loop is held", () -> held.getCount() == 0);
				this.connections.shutDown(ShutdownStage.DRAINING);
				client.send("GET / HTTP/1.1\r\n");
				release.countDown();
				Await.poll(Duration.ofMillis(300), client::hasInput);
				assertThat(client.send("Host: a\r\n\r\n").readResponse().status()).isEqualTo(204);
			}
			listener.close().awaitUninterruptibly();
		}
	}

}
