package dev.pingora.server;

import java.util.List;
import java.util.Map;

import dev.pingora.http.Headers;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Trailers: RFC 9110 section 6.5, RFC 9112 section 7.1.2.
 */
@ExtendWith(EngineExtension.class)
class TrailerTests {

	private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n";

	private static final List<Map.Entry<String, String>> NONE = List.of();

	private static String request(String trailers) {
		return "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n" + trailers
				+ "\r\n";
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "TE: trailers\r\nConnection: TE\r\n" })
	void trailersOfAResponseReachTheClientAsTheyCame(String fields) {
		try (SaidResponse said = SaidResponse
			.of(CHUNKED + "x-Sum: 1\r\nX-Sum: 2\r\nX-Empty:\r\nETag: \"\u00e9\"\r\nServer-Timing: a\r\n\r\n");
				RawClient client = said.client()) {
			RawResponse response = client.send("GET /say HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n").readResponse();
			assertThat(response.text()).isEqualTo("ok");
			assertThat(response.trailers().entries()).containsExactly(Map.entry("x-Sum", "1"), Map.entry("X-Sum", "2"),
					Map.entry("X-Empty", ""), Map.entry("ETag", "\"\u00e9\""), Map.entry("Server-Timing", "a"));
			// never merged: RFC 9110 section 6.5.1
			assertThat(response.headers().has("x-sum")).isFalse();
			said.assertReused();
		}
	}

	@Test
	void trailersOfARequestReachTheOriginAsTheyCame() {
		try (SaidResponse said = SaidResponse.of(""); RawClient client = said.client()) {
			client.send(request("x-Sum: 1\r\nX-Sum: 2\r\nX-Empty:\r\n"));
			RawResponse response = client.readResponse();
			OriginRequest request = said.origin().awaitRequest(1);
			assertThat(request.content().trailers().entries()).containsExactly(Map.entry("x-Sum", "1"),
					Map.entry("X-Sum", "2"), Map.entry("X-Empty", ""));
			assertThat(request.headers().has("x-sum")).isFalse();
			assertThat(response.trailers().entries()).hasSize(3);
		}
	}

	@Test
	void announcementOfTrailersIsForwarded() {
		try (SaidResponse said = SaidResponse
			.of("HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\n\r\n");
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			// RFC 9110 section 6.6.2
			assertThat(response.header("trailer")).isEqualTo("X-Sum");
			assertThat(response.trailers().first("x-sum")).isEqualTo("1");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "Content-Length", "Transfer-Encoding", "Host", "Connection", "Keep-Alive",
			"Proxy-Connection", "TE", "Trailer", "Upgrade", "Set-Cookie", "Cookie", "Authorization",
			"Proxy-Authorization", "WWW-Authenticate", "Cache-Control", "Expect", "Range", "If-Match", "Age", "Date",
			"Expires", "Location", "Retry-After", "Vary", "Content-Encoding", "Content-Type", "Content-Range",
			"X-Forwarded-For", "Forwarded", "cOnTeNt-LeNgTh" })
	void whatCanNotBeATrailerIsNotForwarded(String name) {
		String trailers = "X-Before: 1\r\n" + name + ": 5\r\nX-After: 2\r\n" + name + ": 6\r\n";
		try (SaidResponse said = SaidResponse.of(CHUNKED + trailers + "\r\n"); RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.text()).isEqualTo("ok");
			assertThat(response.trailers().entries()).containsExactly(Map.entry("X-Before", "1"),
					Map.entry("X-After", "2"));
			client.send(request(trailers)).readResponse();
			assertThat(said.origin().awaitRequest(2).content().trailers().entries())
				.containsExactly(Map.entry("X-Before", "1"), Map.entry("X-After", "2"));
			said.assertNoFailure();
			said.assertReused();
		}
	}

	/** RFC 9110 section 7.6.1: any header or trailer field. */
	@Test
	void trailersThatTheHeadsConnectionNamesAreNotForwarded() {
		String trailers = "X-Hop: 1\r\nX-Sum: 2\r\nx-hop: 3\r\n";
		String named = "Connection: x-hop, ETag\r\nTransfer-Encoding:";
		try (SaidResponse said = SaidResponse
			.of(CHUNKED.replace("Transfer-Encoding:", named) + trailers + "ETag: 4\r\n\r\n");
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.trailers().entries()).containsExactly(Map.entry("X-Sum", "2"), Map.entry("ETag", "4"));
			client.send(request(trailers).replace("Transfer-Encoding:", named)).readResponse();
			assertThat(said.origin().awaitRequest(2).content().trailers().entries())
				.containsExactly(Map.entry("X-Sum", "2"));
			said.assertReused();
		}
	}

	@Test
	void forbiddenTrailersAloneLeaveABodyThatIsWhole() {
		try (SaidResponse said = SaidResponse.of(CHUNKED + "Content-Length: 5\r\n\r\n");
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.text()).isEqualTo("ok");
			assertThat(response.trailers().entries()).isEqualTo(NONE);
			said.assertReused();
		}
	}

	@Test
	void filterCanNotAddWhatCanNotBeATrailer() {
		ProxyFilter filter = new ProxyFilter() {
			@Override
			public void responseTrailerFilter(Session session, Headers trailers) {
				trailers.add("Set-Cookie", "a=b");
				trailers.add("X-Filter", "1");
			}
		};
		try (SaidResponse said = SaidResponse.by((exchange) -> exchange.write(CHUNKED + "X-Sum: 1\r\n\r\n"),
				(proxies) -> proxies.filter(filter)); RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().trailers().entries()).containsExactly(Map.entry("X-Sum", "1"),
					Map.entry("X-Filter", "1"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "close", "keep-alive" })
	void clientOfHttp10GetsNoTrailers(String connection) {
		try (SaidResponse said = SaidResponse.of(CHUNKED + "X-Sum: 1\r\n\r\n"); RawClient client = said.client()) {
			client.send("GET /say HTTP/1.0\r\nHost: a\r\nConnection: " + connection + "\r\n\r\n");
			RawResponse response = client.readResponse();
			assertThat(response.text()).isEqualTo("ok"); // up to the FIN
			assertThat(response.headers().has("x-sum")).isFalse();
			said.assertReused();
		}
	}

}
