package dev.pingora.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RejectedRequest;
import dev.pingora.proxy.Route;
import dev.pingora.server.ListenerOptions;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sends the examples of {@code docs/http1.md}.
 */
@ExtendWith(EngineExtension.class)
class Http1PageTests {

	private static final Pattern CODE = Pattern.compile("`([^`]*)`");

	private final Page page = Page.of("docs", "http1.md");

	@AutoClose
	private final RawOrigin origin = RawOrigin.start((exchange) -> exchange.respond(200, exchange.readBody()));

	private final List<String> reasons = new CopyOnWriteArrayList<>();

	@AutoClose
	private final ProxyServer server = server();

	private ProxyServer server() {
		Route route = Route.of("r", List.of(),
				Upstream.of("u", List.of(Backend.of(HttpPeer.of("127.0.0.1", this.origin.port())))));
		return ProxyServer.builder()
			.threads(1)
			.listener(ListenerOptions.of("http", "127.0.0.1", 0))
			.router((request, trace) -> route)
			.proxyListener(new Noting())
			.build()
			.start();
	}

	/** Notes why requests were refused. */
	private final class Noting implements ProxyListener {

		@Override
		public void requestRejected(RejectedRequest request) {
			Http1PageTests.this.reasons.add(request.error().type().name());
		}

		@Override
		public void requestFinished(FinishedRequest request) {
			ProxyException error = request.error();
			Http1PageTests.this.reasons.add((error != null) ? error.type().name() : "none");
		}

	}

	private void assertRefused(String what, UnaryOperator<String> request) {
		List<List<String>> rows = this.page.table(what + " with", "such as", "RFC", "answer", "counted as");
		assertThat(rows).hasSizeGreaterThan(3);
		for (List<String> row : rows) {
			List<String> examples = codes(row.get(1));
			assertThat(examples).as("%s", row).isNotEmpty();
			for (String example : examples) {
				String octets = request
					.apply(example.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "\0"));
				assertThat(answer(octets)).as("%s: %s", row.get(0), example)
					.isEqualTo(row.get(3) + " " + codes(row.get(4)).get(0));
			}
		}
	}

	private static List<String> codes(String cell) {
		List<String> codes = new ArrayList<>();
		Matcher code = CODE.matcher(cell);
		while (code.find()) {
			codes.add(code.group(1));
		}
		return codes;
	}

	private String answer(String octets) {
		this.reasons.clear();
		try (RawClient client = RawClient.connect(this.server.port("http"))) {
			RawResponse response = client.send(octets).readResponse();
			Await.until("a reason", () -> !this.reasons.isEmpty());
			assertThat(response.headers().lists("connection", "close")).isTrue();
			return response.status() + " " + String.join(" ", this.reasons);
		}
	}

	@Test
	void requestLinesAreAnsweredAsTheTableSays() {
		assertRefused("a request line", (line) -> line + "\r\nHost: a\r\n\r\n");
		assertThat(this.origin.requestCount()).isZero();
	}

	@Test
	void fieldsAreAnsweredAsTheTableSays() {
		assertRefused("fields", (fields) -> "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n");
		assertThat(this.origin.requestCount()).isZero();
	}

	@Test
	void chunksAreAnsweredAsTheTableSays() {
		assertRefused("chunks",
				(chunks) -> "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n");
		Await.until("the end of all connections to the origin", () -> this.origin.openConnections() == 0);
		assertThat(this.origin.requests())
			.allSatisfy((request) -> assertThat(request.content().isComplete()).isFalse());
	}

}
