package dev.pingora.proxy.internal;

import java.util.Objects;

import dev.pingora.error.ProxyException;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * What the phases of one request take and give: set before a phase is walked, read after
 * it. Owned like the session.
 */
final class PhaseArguments {

	@Nullable HttpPeer peer;

	boolean reused;

	@Nullable RequestHeader upstreamRequest;

	@Nullable ResponseHeader response;

	boolean upgraded;

	@Nullable ProxyException error;

	int failureStatus;

	@Nullable RequestEnd end;

	HttpPeer peer() {
		return Objects.requireNonNull(this.peer, "peer");
	}

	RequestHeader upstreamRequest() {
		return Objects.requireNonNull(this.upstreamRequest, "upstreamRequest");
	}

	/**
	 * Returns the method that the last attempt sent, which a filter may have changed.
	 * @param received the client's request
	 * @return its method, if no attempt has come so far
	 */
	String sentMethod(RequestHeader received) {
		return ((this.upstreamRequest != null) ? this.upstreamRequest : received).method();
	}

	ResponseHeader response() {
		return Objects.requireNonNull(this.response, "response");
	}

	ProxyException error() {
		return Objects.requireNonNull(this.error, "error");
	}

	RequestEnd end() {
		return Objects.requireNonNull(this.end, "end");
	}

}
