package dev.pingora.testkit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Bystanders}.
 */
class BystandersTests {

	@Test
	void manyMakeProgressOnTheirOwnConnections() {
		try (RawOrigin origin = RawOrigin.start(); Bystanders bystanders = Bystanders.start(origin.port(), 200)) {
			bystanders.awaitProgress(5);
			assertThat(bystanders.completed()).hasSize(200).allMatch((count) -> count >= 5);
			assertThat(bystanders.errors()).isEmpty();
			assertThat(origin.acceptedConnections()).isEqualTo(200);
		}
	}

	@Test
	void largeBodiesAreCompared() {
		try (RawOrigin origin = RawOrigin.start();
				Bystanders bystanders = Bystanders.start(Bystanders.Plan.to(origin.port()).asking("/bytes", 300_000),
						3)) {
			bystanders.awaitProgress(2);
			assertThat(bystanders.total()).isGreaterThanOrEqualTo(9);
		}
	}

	@Test
	void oneWrongOctetIsAnError() {
		assertDisturbed((exchange) -> {
			byte[] body = Octets.pattern(exchange.request().parameter("seed", 0), 0, 1024);
			body[1000]++;
			exchange.respond(200, body);
		}, "octet 1000 of the body");
	}

	@Test
	void somebodyElsesBodyIsAnError() {
		assertDisturbed((exchange) -> exchange.respond(200, Octets.pattern(4711, 0, 1024)), "octet ");
	}

	@Test
	void closedConnectionIsAnError() {
		assertDisturbed(OriginExchange::finish, "the connection was closed");
	}

	@Test
	void resetIsAnError() {
		assertDisturbed(OriginExchange::reset, "reset");
	}

	@Test
	void statusIsAnError() {
		assertDisturbed((exchange) -> exchange.respond(502, "no"), "HTTP/1.1 502 ");
	}

	@Test
	void octetsTooManyAreAnError() {
		assertDisturbed((exchange) -> {
			exchange.respond(200, Octets.pattern(exchange.request().parameter("seed", 0), 0, 1024));
			exchange.write("x");
		}, "octets that nobody asked for");
	}

	private static void assertDisturbed(OriginHandler third, String expected) {
		try (RawOrigin origin = RawOrigin.start()) {
			AtomicInteger served = new AtomicInteger();
			OriginHandler good = (exchange) -> exchange.respond(200,
					Octets.pattern(exchange.request().parameter("seed", 0), 0, 1024));
			origin.on("/bytes", (exchange) -> {
				boolean bad = exchange.request().connection() == 3 && served.incrementAndGet() > 4;
				(bad ? third : good).handle(exchange);
			});
			assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> {
				try (Bystanders bystanders = Bystanders.start(origin.port(), 5)) {
					bystanders.awaitProgress(1000);
				}
			}).withMessageStartingWith("1 of 5 bystanders were disturbed").withMessageContaining(expected);
		}
	}

	@Test
	void stalledBystanderIsNamed() {
		try (RawOrigin origin = RawOrigin.start(); Bystanders bystanders = Bystanders.start(origin.port(), 3)) {
			origin.on("/bytes", (exchange) -> {
				if (exchange.request().connection() == 2) {
					exchange.hang();
				}
				exchange.respond(200, Octets.pattern(exchange.request().parameter("seed", 0), 0, 1024));
			});
			assertThatExceptionOfType(AssertionError.class)
				.isThrownBy(() -> bystanders.awaitProgress(3, Duration.ofMillis(500)))
				.withMessageContaining("late are 1: [");
			assertThat(bystanders.errors()).isEmpty();
		}
	}

}
