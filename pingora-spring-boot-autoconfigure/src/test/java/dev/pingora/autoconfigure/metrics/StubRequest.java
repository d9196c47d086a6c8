package dev.pingora.autoconfigure.metrics;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.RequestOutcome;
import dev.pingora.event.RequestSummary;
import dev.pingora.event.Timings;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * A finished request whose facts are given.
 */
final class StubRequest implements FinishedRequest {

	private static final Timings TIMINGS = new Timings(1_000, 2_000, 3_000, 5_000_000);

	private final RequestHeader header;

	private final @Nullable String route;

	private final int status;

	private RequestOutcome outcome = RequestOutcome.PROXIED;

	private @Nullable ProxyException error;

	StubRequest(String method, @Nullable String route, int status) {
		this.header = RequestHeader.of(method, "/");
		this.route = route;
		this.status = status;
	}

	StubRequest failed(ProxyException error) {
		this.outcome = RequestOutcome.ERROR;
		this.error = error;
		return this;
	}

	@Override
	public long id() {
		return 1;
	}

	@Override
	public @Nullable String traceId() {
		return null;
	}

	@Override
	public String protocol() {
		return "HTTP/1.1";
	}

	@Override
	public SocketAddress clientAddress() {
		return InetSocketAddress.createUnresolved("127.0.0.1", 1);
	}

	@Override
	public RequestHeader request() {
		return this.header;
	}

	@Override
	public @Nullable ResponseHeader response() {
		return null;
	}

	@Override
	public int upstreamStatus() {
		return this.status;
	}

	@Override
	public @Nullable String route() {
		return this.route;
	}

	@Override
	public @Nullable String upstream() {
		return (this.route != null) ? "group" : null;
	}

	@Override
	public @Nullable HttpPeer peer() {
		return null;
	}

	@Override
	public int attempts() {
		return 1;
	}

	@Override
	public int status() {
		return this.status;
	}

	@Override
	public long bytesReceived() {
		return 3;
	}

	@Override
	public long bytesSent() {
		return 5;
	}

	@Override
	public Timings timings() {
		return TIMINGS;
	}

	@Override
	public RequestOutcome outcome() {
		return this.outcome;
	}

	@Override
	public @Nullable ProxyException error() {
		return this.error;
	}

	@Override
	public long panicId() {
		return 0;
	}

	@Override
	public RequestSummary summary() {
		throw new IllegalStateException("meters need no summary");
	}

}
