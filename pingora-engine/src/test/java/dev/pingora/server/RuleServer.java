package dev.pingora.server;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.forwarding.ForwardedOptions;
import dev.pingora.event.RejectedRequest;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A server, an origin that echoes bodies, and a listener: what becomes of a request on
 * all three sides.
 */
final class RuleServer implements AutoCloseable {

	final RawOrigin origin = RawOrigin.start((exchange) -> exchange.respond(200, exchange.readBody()));

	private final List<ErrorType> rejected = new CopyOnWriteArrayList<>();

	private final List<ErrorType> failed = new CopyOnWriteArrayList<>();

	private final ProxyServer server = Proxies.to(this.origin)
		.with((builder) -> builder.proxyListener(new Noting()))
		.downstream(
				// nothing is added to what a test has sent
				(downstream) -> downstream.maxHeaderSize(8 * 1024).maxHeaderCount(50).forwarded(ForwardedOptions.off()))
		.start();

	/** Notes why requests were refused, and why others failed. */
	private final class Noting implements ProxyListener {

		@Override
		public void requestRejected(RejectedRequest request) {
			RuleServer.this.rejected.add(request.error().type());
		}

		@Override
		public void requestFinished(FinishedRequest request) {
			ProxyException error = request.error();
			if (error != null) {
				RuleServer.this.failed.add(error.type());
			}
		}

	}

	RawClient connect() {
		return Proxies.connect(this.server);
	}

	/**
	 * The head is refused: the client reads one answer without a body and the end, the
	 * listener hears the reason once, and nobody has called the origin.
	 */
	RawResponse refuses(String octets, int status, ErrorType reason) {
		try (RawClient client = connect()) {
			client.send(octets);
			RawResponse response = client.readResponse();
			assertThat(response.status()).isEqualTo(status);
			assertThat(response.headers().all("connection")).containsExactly("close");
			assertThat(response.headers().all("content-length")).containsExactly("0");
			// RFC 9110 section 6.6.1
			assertThat(response.headers().all("date")).singleElement()
				.asString()
				.matches("[A-Z][a-z][a-z], \\d\\d [A-Z][a-z][a-z] \\d{4} \\d\\d:\\d\\d:\\d\\d GMT");
			assertThat(client.shutdownOutput().awaitEnd()).isEqualTo(End.FIN);
			assertThat(client.received()).isEmpty();
			assertThat(this.rejected).containsExactly(reason);
			assertThat(this.failed).isEmpty();
			assertThat(this.origin.acceptedConnections()).isZero();
			return response;
		}
	}

	/**
	 * The body is refused when its head has gone upstream already: the client reads one
	 * answer and the end, and the origin sees that the request is not whole.
	 */
	void refusesBody(String head, String body, ErrorType reason) {
		try (RawClient client = connect()) {
			client.send(head);
			OriginRequest request = this.origin.awaitRequest(1);
			client.send(body);
			RawResponse response = client.readResponse();
			assertThat(response.status()).isEqualTo(reason.equals(ErrorType.HEADER_TOO_LARGE) ? 431 : 400);
			assertThat(response.headers().all("connection")).containsExactly("close");
			assertThat(client.shutdownOutput().awaitEnd()).isEqualTo(End.FIN);
			assertThat(client.received()).isEmpty();
			assertTruncated(request);
			awaitFailed(reason);
		}
	}

	/**
	 * The request's connection to the origin has ended before its body.
	 */
	void assertTruncated(OriginRequest request) {
		assertThat(this.origin.awaitClosed(request.connection())).isNotEqualTo(End.OPEN);
		assertThat(request.content().isComplete()).isFalse();
		assertThat(this.origin.requestCount()).isOne();
		try (RawClient other = connect()) {
			assertThat(other.get("/hello").readResponse().text()).isEqualTo("hello");
			assertThat(this.origin.awaitRequest(2).connection()).isNotEqualTo(request.connection());
		}
	}

	void awaitFailed(ErrorType reason) {
		Await.until("a request that fails", () -> !this.failed.isEmpty());
		assertThat(this.failed).containsExactly(reason);
		assertThat(this.rejected).isEmpty();
	}

	List<ErrorType> rejected() {
		return this.rejected;
	}

	/**
	 * The request is forwarded and answered, and the client's connection is in step: a
	 * request behind it is answered, too.
	 * @return the request as it came to the origin, its body read
	 */
	OriginRequest forwards(String octets) {
		try (RawClient client = connect()) {
			client.send(octets + "GET /hello HTTP/1.1\r\nHost: behind\r\n\r\n");
			RawResponse response = client.readResponseTo(octets.startsWith("HEAD") ? "HEAD" : "GET");
			assertThat(response.status()).isEqualTo(200);
			assertThat(client.readResponse().text()).isEqualTo("hello");
			OriginRequest request = this.origin.awaitRequest(1);
			if (!octets.startsWith("HEAD")) {
				assertThat(response.body()).isEqualTo(request.body());
			}
			assertThat(this.origin.requestCount()).isEqualTo(2);
			assertThat(this.rejected).isEmpty();
			assertThat(this.failed).isEmpty();
			return request;
		}
	}

	@Override
	public void close() {
		this.server.close();
		this.origin.close();
	}

}
