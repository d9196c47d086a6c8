package dev.pingora.demo.fault;

import dev.pingora.error.ProxyException;
import dev.pingora.event.Phase;
import dev.pingora.http.BodyChunk;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.proxy.Attribute;
import dev.pingora.proxy.FailedAttempt;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Session;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Fails on demand, to show what becomes of it. {@code X-Panic: responseFilter} panics in
 * that phase, {@code X-Panic: logging:StackOverflowError} with that class;
 * {@code X-Error: 418} fails the request in an anticipated way. Not for production:
 * {@code demo.faults.enabled=false} leaves it out.
 */
@Component("faults")
@Order(0)
@ConditionalOnBooleanProperty(name = "demo.faults.enabled", matchIfMissing = true)
final class FaultFilter implements ProxyFilter {

	private static final Attribute<Fault> FAULT = Attribute.named("fault");

	private static void panicIn(Phase phase, Session session) {
		Fault fault = session.attribute(FAULT);
		if (fault != null && fault.phase() == phase) {
			PanicIsolation.rethrow(fault.thrown().get());
		}
	}

	@Override
	public void newContext(Session session) {
		String order = session.request().header("x-panic");
		if (order != null) {
			session.attribute(FAULT, Fault.parse(order));
		}
		panicIn(Phase.NEW_CONTEXT, session);
	}

	@Override
	public void earlyRequestFilter(Session session) {
		panicIn(Phase.EARLY_REQUEST_FILTER, session);
	}

	@Override
	public Outcome requestFilter(Session session) throws ProxyException {
		panicIn(Phase.REQUEST_FILTER, session);
		if (session.request().hasHeader("x-panic") && session.attribute(FAULT) == null) {
			return session.respond(400, "text/plain; charset=utf-8", Fault.usage());
		}
		String status = session.request().header("x-error");
		if (status != null) {
			if (!status.matches("[45]\\d\\d")) {
				return session.respond(400, "text/plain; charset=utf-8", "X-Error: <status>, 400..599\n");
			}
			throw ProxyException.httpStatus(Integer.parseInt(status), "ordered by X-Error");
		}
		return Outcome.CONTINUE;
	}

	@Override
	public Outcome proxyUpstreamFilter(Session session) {
		panicIn(Phase.PROXY_UPSTREAM_FILTER, session);
		return Outcome.CONTINUE;
	}

	@Override
	public @Nullable HttpPeer upstreamPeer(Session session) {
		panicIn(Phase.UPSTREAM_PEER, session);
		return null;
	}

	@Override
	public void connectedToUpstream(Session session, HttpPeer peer, boolean reused) {
		panicIn(Phase.CONNECTED_TO_UPSTREAM, session);
	}

	@Override
	public ProxyException failToConnect(Session session, HttpPeer peer, ProxyException error) {
		panicIn(Phase.FAIL_TO_CONNECT, session);
		return error;
	}

	@Override
	public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) {
		panicIn(Phase.UPSTREAM_REQUEST_FILTER, session);
	}

	@Override
	public void requestBodyFilter(Session session, BodyChunk chunk) {
		panicIn(Phase.REQUEST_BODY_FILTER, session);
	}

	@Override
	public void upstreamResponseFilter(Session session, ResponseHeader response) {
		panicIn(Phase.UPSTREAM_RESPONSE_FILTER, session);
	}

	@Override
	public void upstreamResponseBodyFilter(Session session, BodyChunk chunk) {
		panicIn(Phase.UPSTREAM_RESPONSE_BODY_FILTER, session);
	}

	@Override
	public void upstreamResponseTrailerFilter(Session session, Headers trailers) {
		panicIn(Phase.UPSTREAM_RESPONSE_TRAILER_FILTER, session);
	}

	@Override
	public void responseFilter(Session session, ResponseHeader response) {
		panicIn(Phase.RESPONSE_FILTER, session);
	}

	@Override
	public void responseBodyFilter(Session session, BodyChunk chunk) {
		panicIn(Phase.RESPONSE_BODY_FILTER, session);
	}

	@Override
	public void responseTrailerFilter(Session session, Headers trailers) {
		panicIn(Phase.RESPONSE_TRAILER_FILTER, session);
	}

	@Override
	public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
		panicIn(Phase.ERROR_WHILE_PROXY, session);
		return failure.error();
	}

	@Override
	public int failToProxy(Session session, ProxyException error, int status) {
		panicIn(Phase.FAIL_TO_PROXY, session);
		return status;
	}

	@Override
	public void logging(Session session, RequestEnd end) {
		panicIn(Phase.LOGGING, session);
	}

	@Override
	public @Nullable String requestSummary(Session session) {
		panicIn(Phase.REQUEST_SUMMARY, session);
		return null;
	}

	@Override
	public boolean suppressErrorLog(Session session, ProxyException error) {
		panicIn(Phase.SUPPRESS_ERROR_LOG, session);
		return false;
	}

}
