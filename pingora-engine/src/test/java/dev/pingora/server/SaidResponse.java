package dev.pingora.server;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.OriginHandler;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An origin that answers {@code /say} with exactly what a test says, a proxy before it,
 * and what became of the origin's connection afterwards.
 */
final class SaidResponse implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(3);

	private final RawOrigin origin = RawOrigin.start();

	private final Queue<ProxyException> errors = new ConcurrentLinkedQueue<>();

	private final ProxyServer server;

	private SaidResponse(OriginHandler handler, Consumer<Proxies> change) {
		this.origin.on("/say", handler);
		Proxies proxies = Proxies.to(this.origin).with((it) -> it.proxyListener(new ProxyListener() {
			@Override
			public void requestFinished(FinishedRequest request) {
				ProxyException error = request.error();
				if (error != null) {
					SaidResponse.this.errors.add(error);
				}
			}
		}));
		change.accept(proxies);
		this.server = proxies.start();
	}

	/** The origin answers, and waits for the next request. */
	static SaidResponse of(String octets) {
		return by((exchange) -> exchange.write(octets));
	}

	/** The origin answers, and ends the connection with FIN. */
	static SaidResponse thenFin(String octets) {
		return by((exchange) -> {
			exchange.write(octets);
			exchange.finish();
		});
	}

	static SaidResponse by(OriginHandler handler) {
		return by(handler, (proxies) -> {
		});
	}

	static SaidResponse by(OriginHandler handler, Consumer<Proxies> change) {
		return new SaidResponse(handler, change);
	}

	RawOrigin origin() {
		return this.origin;
	}

	ProxyServer server() {
		return this.server;
	}

	RawClient client() {
		return Proxies.connect(this.server);
	}

	/** The only failure so far, which the server's metrics count as the origin's. */
	void assertFailure(String type) {
		Await.until("a failed request", () -> !this.errors.isEmpty());
		assertThat(this.errors).singleElement().satisfies((error) -> {
			assertThat(error.type().name()).isEqualTo(type);
			assertThat(error.source()).isEqualTo(ErrorSource.UPSTREAM);
		});
	}

	void assertNoFailure() {
		assertThat(this.errors).isEmpty();
	}

	/** Nobody else is served by the connection on which the origin said that. */
	void assertClosed() {
		int said = connection();
		assertThat(this.origin.awaitClosed(said, PATIENCE)).isNotEqualTo(End.OPEN);
		assertThat(next().connection()).isNotEqualTo(said);
	}

	/** The connection on which the origin said that serves the next client. */
	void assertReused() {
		assertThat(next().connection()).isEqualTo(connection());
		assertThat(this.origin.acceptedConnections()).isOne();
	}

	private int connection() {
		return this.origin.requests()
			.stream()
			.filter((request) -> request.path().equals("/say"))
			.reduce((first, last) -> last)
			.orElseThrow()
			.connection();
	}

	private OriginRequest next() {
		Await.until("no request", () -> this.server.activeRequests() == 0);
		int before = this.origin.requests().size();
		try (RawClient other = client()) {
			assertThat(other.get("/hello").readResponse().text()).isEqualTo("hello");
		}
		return this.origin.awaitRequest(before + 1);
	}

	@Override
	public void close() {
		this.server.close();
		this.origin.close();
	}

}
