package dev.pingora.server;

import java.util.List;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.protocol.ClosingLimitCounts;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.protocol.ShutdownStage;
import dev.pingora.protocol.h1.H1ServerConnection;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Connections that could not be set up leave nothing behind that would disturb the end.
 */
@ExtendWith(EngineExtension.class)
class ConnectionsTests {

	@AutoClose
	private final PanicIsolation isolation = new PanicIsolation(List.of());

	private final Connections connections = new Connections();

	// Being added to its channel, it fails.
	@SuppressWarnings("NullAway")
	private H1ServerConnection broken() {
		return new H1ServerConnection(null, (session) -> {
			throw new IllegalStateException("no request can come");
		}, this.isolation, new ClosingLimitCounts());
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void connectionThatCouldNotBeSetUpIsForgotten(Transport transport) {
		try (EventLoops loops = EventLoops.start(transport, 1)) {
			Listener listener = new Listener(ListenerOptions.of("http", "127.0.0.1", 0), loops, this.isolation,
					this.connections, (closed) -> broken());
			listener.open();
			try (RawClient client = RawClient.connect(listener.describe().port())) {
				client.awaitEnd();
			}
			Await.until("the client is forgotten", () -> listener.describe().connections() == 0);
			assertThat(this.connections.awaitEmpty(Await.PATIENCE.toNanos())).isTrue();
			listener.close().awaitUninterruptibly();
		}
	}

	@Test
	void connectionThatCouldNotBeSetUpIsToldInVain() {
		this.connections.add(broken());
		for (ShutdownStage stage : ShutdownStage.values()) {
			assertThatNoException().isThrownBy(() -> this.connections.shutDown(stage));
		}
		H1ServerConnection late = new H1ServerConnection(DownstreamOptions.defaults(), (session) -> {
			throw new IllegalStateException("no request can come");
		}, this.isolation, new ClosingLimitCounts());
		assertThatNoException().isThrownBy(() -> this.connections.add(late));
	}

}
