package dev.pingora.server;

import java.util.Map;
import java.util.function.Consumer;

import dev.pingora.forwarding.ForwardedOptions;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a received {@code Connection} names is of one hop, whatever code does to that
 * field afterwards: RFC 9110 section 7.6.1.
 */
@ExtendWith(EngineExtension.class)
class NominationTests {

	/** What a filter does to {@code Connection}. */
	private enum Edit {

		NONE((headers) -> {
		}),

		REMOVE((headers) -> headers.remove("Connection")),

		SET((headers) -> headers.set("Connection", "close")),

		SET_TWICE((headers) -> headers.set("connection", "X-None").set("CONNECTION", "close")),

		ADD((headers) -> headers.add("Connection", "close")),

		SET_NAMED((headers) -> headers.set("Connection", "close").set("X-Debug", "mine"));

		private final Consumer<Headers> action;

		Edit(Consumer<Headers> action) {
			this.action = action;
		}

		/** What code has set is its own to send. */
		private @Nullable String left() {
			return (this == SET_NAMED) ? "mine" : null;
		}

	}

	@ParameterizedTest
	@EnumSource
	void fieldThatTheOriginNamesDoesNotReachTheClient(Edit edit) {
		ProxyFilter filter = new ProxyFilter() {
			@Override
			public void responseFilter(Session session, ResponseHeader response) {
				edit.action.accept(response.headers());
			}
		};
		try (SaidResponse said = SaidResponse.by(
				(exchange) -> exchange.write("HTTP/1.1 200 OK\r\nX-Debug: secret\r\nX-Other: 1\r\n"
						+ "Connection: keep-alive, X-Debug\r\nx-debug: more\r\nContent-Length: 2\r\n\r\nok"),
				(proxies) -> proxies.filter(filter)); RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.header("x-debug")).isEqualTo(edit.left());
			assertThat(response.headers().all("x-debug")).hasSize((edit.left() != null) ? 1 : 0);
			assertThat(response.header("x-other")).isEqualTo("1");
			assertThat(response.text()).isEqualTo("ok");
		}
	}

	@ParameterizedTest
	@EnumSource
	void fieldThatTheClientNamesDoesNotReachTheOrigin(Edit edit) {
		ProxyFilter filter = new ProxyFilter() {
			@Override
			public void upstreamRequestFilter(Session session, RequestHeader request) {
				edit.action.accept(request.headers());
			}
		};
		try (RawOrigin origin = RawOrigin.start((exchange) -> exchange.respond(200, "ok"));
				ProxyServer server = Proxies.to(origin)
					.downstream((downstream) -> downstream.forwarded(ForwardedOptions.off()))
					.filter(filter)
					.start();
				RawClient client = Proxies.connect(server)) {
			client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Debug: secret\r\nX-Other: 1\r\n"
					+ "Connection: keep-alive, X-Debug\r\nx-debug: more\r\n\r\n");
			assertThat(client.readResponse().text()).isEqualTo("ok");
			OriginRequest request = origin.awaitRequest(1);
			assertThat(request.header("x-debug")).isEqualTo(edit.left());
			assertThat(request.headers().all("x-debug")).hasSize((edit.left() != null) ? 1 : 0);
			assertThat(request.headers().entries()).contains(Map.entry("X-Other", "1"));
		}
	}

}
