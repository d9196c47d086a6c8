package dev.pingora.proxy;

import java.util.Objects;

import dev.pingora.error.ProxyException;
import dev.pingora.http.BodyChunk;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link ProxyHttp} a filter: its context is an attribute of the session.
 *
 * @param <C> the user's own per-request object
 */
final class ContextFilter<C> implements ProxyFilter {

	private final ProxyHttp<C> proxy;

	private final Attribute<C> context = Attribute.named("context");

	ContextFilter(ProxyHttp<C> proxy) {
		this.proxy = proxy;
	}

	private C context(Session session) {
		return Objects.requireNonNull(session.attribute(this.context), "newContext() returned null");
	}

	@Override
	public void newContext(Session session) {
		session.attribute(this.context, this.proxy.newContext());
	}

	@Override
	public void earlyRequestFilter(Session session) throws ProxyException {
		this.proxy.earlyRequestFilter(session, context(session));
	}

	@Override
	public Outcome requestFilter(Session session) throws ProxyException {
		return this.proxy.requestFilter(session, context(session));
	}

	@Override
	public Outcome proxyUpstreamFilter(Session session) throws ProxyException {
		return this.proxy.proxyUpstreamFilter(session, context(session));
	}

	@Override
	public HttpPeer upstreamPeer(Session session) throws ProxyException {
		return Objects.requireNonNull(this.proxy.upstreamPeer(session, context(session)),
				"upstreamPeer() returned null");
	}

	@Override
	public void connectedToUpstream(Session session, HttpPeer peer, boolean reused) throws ProxyException {
		this.proxy.connectedToUpstream(session, peer, reused, context(session));
	}

	@Override
	public ProxyException failToConnect(Session session, HttpPeer peer, ProxyException error) {
		return this.proxy.failToConnect(session, peer, context(session), error);
	}

	@Override
	public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) throws ProxyException {
		this.proxy.upstreamRequestFilter(session, upstreamRequest, context(session));
	}

	@Override
	public void requestBodyFilter(Session session, BodyChunk chunk) throws ProxyException {
		this.proxy.requestBodyFilter(session, chunk, context(session));
	}

	@Override
	public void upstreamResponseFilter(Session session, ResponseHeader response) throws ProxyException {
		this.proxy.upstreamResponseFilter(session, response, context(session));
	}

	@Override
	public void upstreamResponseBodyFilter(Session session, BodyChunk chunk) throws ProxyException {
		this.proxy.upstreamResponseBodyFilter(session, chunk, context(session));
	}

	@Override
	public void upstreamResponseTrailerFilter(Session session, Headers trailers) throws ProxyException {
		this.proxy.upstreamResponseTrailerFilter(session, trailers, context(session));
	}

	@Override
	public void responseFilter(Session session, ResponseHeader response) throws ProxyException {
		this.proxy.responseFilter(session, response, context(session));
	}

	@Override
	public void responseBodyFilter(Session session, BodyChunk chunk) throws ProxyException {
		this.proxy.responseBodyFilter(session, chunk, context(session));
	}

	@Override
	public void responseTrailerFilter(Session session, Headers trailers) throws ProxyException {
		this.proxy.responseTrailerFilter(session, trailers, context(session));
	}

	@Override
	public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
		return this.proxy.errorWhileProxy(session, failure, context(session));
	}

	@Override
	public int failToProxy(Session session, ProxyException error, int status) {
		return this.proxy.failToProxy(session, error, status, context(session));
	}

	@Override
	public void logging(Session session, RequestEnd end) {
		C context = session.attribute(this.context);
		if (context != null) { // newContext itself may have panicked
			this.proxy.logging(session, end, context);
		}
	}

	@Override
	public @Nullable String requestSummary(Session session) {
		C context = session.attribute(this.context);
		return (context != null) ? this.proxy.requestSummary(session, context) : null;
	}

	@Override
	public boolean suppressErrorLog(Session session, ProxyException error) {
		C context = session.attribute(this.context);
		return context != null && this.proxy.suppressErrorLog(session, error, context);
	}

}
