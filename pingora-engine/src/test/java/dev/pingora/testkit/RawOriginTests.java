package dev.pingora.testkit;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link RawOrigin}.
 */
class RawOriginTests {

	@Test
	void remembersRequestsAsTheyCame() {
		try (RawOrigin origin = RawOrigin.start(); RawClient client = RawClient.connect(origin.port())) {
			String head = "POST /echo?a=1 HTTP/1.1\r\nHOST: a\r\nX-Odd:  v \r\ncontent-length: 3\r\n\r\n";
			assertThat(client.send(head + "abc").readResponse().text()).isEqualTo("abc");
			client.get("/hello").readResponse();
			OriginRequest request = origin.awaitRequest(1);
			assertThat(request.head()).isEqualTo(head);
			assertThat(request.method()).isEqualTo("POST");
			assertThat(request.path()).isEqualTo("/echo");
			assertThat(request.parameter("a", 0)).isOne();
			assertThat(request.header("x-odd")).isEqualTo("v");
			assertThat(request.body()).isEqualTo(Octets.latin1("abc"));
			assertThat(origin.awaitRequest(2)).hasToString("GET /hello (1.2)");
			assertThat(origin.requestCount()).isEqualTo(2);
		}
	}

	@Test
	void echoesChunkedBodyWithTrailers() {
		try (RawOrigin origin = RawOrigin.start(); RawClient client = RawClient.connect(origin.port())) {
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
				.send("3;ext=1\r\nabc\r\n1\r\nd\r\n0\r\nT: v\r\n\r\n");
			RawResponse response = client.readResponse();
			assertThat(response.text()).isEqualTo("abcd");
			assertThat(response.trailers().first("t")).isEqualTo("v");
		}
	}

	@Test
	void readsBodyThatNobodyAskedFor() {
		try (RawOrigin origin = RawOrigin.start(); RawClient client = RawClient.connect(origin.port())) {
			client.send("POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").get("/bytes?n=5&seed=2");
			assertThat(client.readResponse().text()).isEqualTo("hello");
			assertThat(client.readResponse().body()).isEqualTo(Octets.pattern(2, 0, 5));
			assertThat(origin.awaitRequest(1).body()).isEqualTo(Octets.latin1("abc"));
		}
	}

	@Test
	void slowAnswersLater() {
		try (RawOrigin origin = RawOrigin.start(); RawClient client = RawClient.connect(origin.port())) {
			long start = System.nanoTime();
			assertThat(client.get("/slow?ms=120").readResponse().text()).isEqualTo("slow");
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(119));
		}
	}

	@Test
	void closeEndsWhatHangs() {
		RawOrigin origin = RawOrigin.start();
		try (RawClient client = RawClient.connect(origin.port()); RawClient slow = RawClient.connect(origin.port())) {
			client.get("/hang");
			slow.get("/slow?ms=100000");
			origin.awaitRequest(2);
			origin.close();
			assertThat(client.awaitEnd()).isNotEqualTo(End.OPEN);
			assertThat(slow.awaitEnd()).isNotEqualTo(End.OPEN);
			assertThat(origin.openConnections()).isZero();
		}
	}

	@Test
	void failedBehaviourFailsTheClose() {
		RawOrigin origin = RawOrigin.start((exchange) -> assertThat(exchange.request().method()).isEqualTo("POST"));
		try (RawClient client = RawClient.connect(origin.port())) {
			assertThat(client.get("/").awaitEnd()).isEqualTo(End.FIN);
		}
		Await.until("the failure", () -> !origin.failures().isEmpty());
		assertThatExceptionOfType(AssertionError.class).isThrownBy(origin::close).withStackTraceContaining("POST");
	}

}
