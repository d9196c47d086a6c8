package dev.pingora.server;

import dev.pingora.error.ProxyException;
import dev.pingora.event.Phase;
import dev.pingora.http.BodyChunk;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.FailedAttempt;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Throwables;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * Panics in the phase, at the moment and with the throwable that the request's fields
 * {@code x-phase}, {@code x-moment} and {@code x-thrown} name. With {@code x-dead} it
 * chooses a peer at which nobody listens, with {@code x-error} it refuses the request.
 */
final class MatrixFilter implements ProxyFilter {

	private final HttpPeer deadPeer;

	MatrixFilter(HttpPeer deadPeer) {
		this.deadPeer = deadPeer;
	}

	private static void maybe(Session session, Phase phase) {
		RequestHeader request = session.request();
		if (!phase.tag().equals(request.header("x-phase"))) {
			return;
		}
		boolean midBody = PanicMatrix.Moment.MID_BODY.name().equals(request.header("x-moment"));
		boolean bodyPhase = phase == Phase.UPSTREAM_RESPONSE_BODY_FILTER || phase == Phase.RESPONSE_BODY_FILTER;
		if (midBody && ((bodyPhase && session.bytesSent() == 0) || session.status() == 0)) {
			return; // not yet
		}
		Throwables.valueOf(request.header("x-thrown")).raise();
	}

	@Override
	public void newContext(Session session) {
		maybe(session, Phase.NEW_CONTEXT);
	}

	@Override
	public void earlyRequestFilter(Session session) {
		maybe(session, Phase.EARLY_REQUEST_FILTER);
	}

	@Override
	public Outcome requestFilter(Session session) throws ProxyException {
		maybe(session, Phase.REQUEST_FILTER);
		if (session.request().hasHeader("x-error")) {
			throw ProxyException.httpStatus(503, "asked for");
		}
		return Outcome.CONTINUE;
	}

	@Override
	public Outcome proxyUpstreamFilter(Session session) {
		maybe(session, Phase.PROXY_UPSTREAM_FILTER);
		return Outcome.CONTINUE;
	}

	@Override
	public @Nullable HttpPeer upstreamPeer(Session session) {
		maybe(session, Phase.UPSTREAM_PEER);
		return session.request().hasHeader("x-dead") ? this.deadPeer : null;
	}

	@Override
	public void connectedToUpstream(Session session, HttpPeer peer, boolean reused) {
		maybe(session, Phase.CONNECTED_TO_UPSTREAM);
	}

	@Override
	public ProxyException failToConnect(Session session, HttpPeer peer, ProxyException error) {
		maybe(session, Phase.FAIL_TO_CONNECT);
		return error;
	}

	@Override
	public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) {
		maybe(session, Phase.UPSTREAM_REQUEST_FILTER);
	}

	@Override
	public void requestBodyFilter(Session session, BodyChunk chunk) {
		maybe(session, Phase.REQUEST_BODY_FILTER);
	}

	@Override
	public void upstreamResponseFilter(Session session, ResponseHeader response) {
		maybe(session, Phase.UPSTREAM_RESPONSE_FILTER);
	}

	@Override
	public void upstreamResponseBodyFilter(Session session, BodyChunk chunk) {
		maybe(session, Phase.UPSTREAM_RESPONSE_BODY_FILTER);
	}

	@Override
	public void upstreamResponseTrailerFilter(Session session, Headers trailers) {
		maybe(session, Phase.UPSTREAM_RESPONSE_TRAILER_FILTER);
	}

	@Override
	public void responseFilter(Session session, ResponseHeader response) {
		maybe(session, Phase.RESPONSE_FILTER);
	}

	@Override
	public void responseBodyFilter(Session session, BodyChunk chunk) {
		maybe(session, Phase.RESPONSE_BODY_FILTER);
	}

	@Override
	public void responseTrailerFilter(Session session, Headers trailers) {
		maybe(session, Phase.RESPONSE_TRAILER_FILTER);
	}

	@Override
	public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
		maybe(session, Phase.ERROR_WHILE_PROXY);
		return failure.error();
	}

	@Override
	public int failToProxy(Session session, ProxyException error, int status) {
		maybe(session, Phase.FAIL_TO_PROXY);
		return status;
	}

	@Override
	public void logging(Session session, RequestEnd end) {
		maybe(session, Phase.LOGGING);
	}

	@Override
	public @Nullable String requestSummary(Session session) {
		maybe(session, Phase.REQUEST_SUMMARY);
		return null;
	}

	@Override
	public boolean suppressErrorLog(Session session, ProxyException error) {
		maybe(session, Phase.SUPPRESS_ERROR_LOG);
		return false;
	}

}
