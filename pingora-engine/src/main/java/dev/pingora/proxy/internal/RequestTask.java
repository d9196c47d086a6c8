package dev.pingora.proxy.internal;

import dev.pingora.balancing.Upstream;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.Phase;
import dev.pingora.event.RequestOutcome;
import dev.pingora.forwarding.ForwardingFields;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.panic.Isolated;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.DownstreamHandler;
import dev.pingora.protocol.DownstreamSession;
import dev.pingora.protocol.DownstreamSession.End;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.RouteTrace;
import dev.pingora.transport.LoopClock;
import dev.pingora.transport.LoopWatch;
import dev.pingora.upstream.HttpPeer;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One request, from its head to its end. {@link #phaseDone} is its way, from top to
 * bottom; each entry below enters through {@link PanicIsolation}, so that whatever is
 * thrown on the way ends this task and nothing else.
 * <p>
 * All fields are owned by the event loop of the downstream session. While a blocking
 * phase runs, {@code session} and {@code arguments} are lent to the executor's thread,
 * and no other phase runs.
 */
final class RequestTask implements DownstreamHandler, Isolated {

	final ProxyEngine engine;

	final DownstreamSession downstream;

	final TaskSession session;

	final LoopWatch watch;

	final LoopClock clock;

	final PhaseArguments arguments = new PhaseArguments();

	final PhaseWalk walk;

	final BodyPump pump;

	final Ending ending;

	@Nullable UpstreamAttempt attempt;

	@Nullable Tunnel tunnel;

	private @Nullable RouteTrace routing;

	private @Nullable FailureFlow failure; // made when something fails

	private final LoopRequests requests;

	RequestTask(ProxyEngine engine, DownstreamSession downstream, LoopRequests requests) {
		this.engine = engine;
		this.downstream = downstream;
		this.requests = requests;
		this.watch = requests.watch();
		this.clock = requests.clock();
		this.session = new TaskSession(requests.begin(), downstream, engine, this.clock.now());
		this.walk = new PhaseWalk(this);
		this.pump = new BodyPump(this);
		this.ending = new Ending(this);
	}

	// The way of a request.

	private void begin() throws ProxyException {
		this.session.observers = this.engine.listeners().started(this);
		this.downstream.client().checkLoop(this.session.request());
		RouteTrace trace = new RouteTrace();
		this.routing = trace;
		this.session.route = findRoute(trace);
		this.routing = null;
		this.walk.start(Phase.NEW_CONTEXT);
	}

	private Route findRoute(RouteTrace trace) throws ProxyException {
		this.watch.enter(PanicSite.PREDICATE, null, trace);
		try {
			return this.engine.router().find(this.session.request(), trace);
		}
		finally {
			this.watch.leave();
		}
	}

	/**
	 * All filters have done their part in a phase: what comes next.
	 * @param phase the phase
	 * @return the next phase, or {@code null} if it is started elsewhere
	 * @throws ProxyException if what comes next fails
	 */
	@Nullable Phase phaseDone(Phase phase) throws ProxyException {
		switch (phase) {
			case NEW_CONTEXT -> {
				return Phase.EARLY_REQUEST_FILTER;
			}
			case EARLY_REQUEST_FILTER -> {
				return answerOr(Phase.REQUEST_FILTER);
			}
			case REQUEST_FILTER -> {
				return answerOr(Phase.PROXY_UPSTREAM_FILTER);
			}
			case PROXY_UPSTREAM_FILTER -> {
				MaxForwards.answerAtLastHop(this.session);
				return answerOr(Phase.UPSTREAM_PEER);
			}
			case UPSTREAM_PEER -> connect();
			case CONNECTED_TO_UPSTREAM -> {
				RequestHeader upstreamRequest = this.session.request().copy();
				ForwardingFields.apply(upstreamRequest, this.downstream.client());
				MaxForwards.count(upstreamRequest);
				this.arguments.upstreamRequest = upstreamRequest;
				return Phase.UPSTREAM_REQUEST_FILTER;
			}
			case UPSTREAM_REQUEST_FILTER -> attempt().sendRequest();
			case UPSTREAM_RESPONSE_FILTER -> {
				return Phase.RESPONSE_FILTER;
			}
			case RESPONSE_FILTER -> startResponse();
			case FAIL_TO_CONNECT, ERROR_WHILE_PROXY -> failure().attemptFailed();
			case FAIL_TO_PROXY -> failure().answer();
			case LOGGING -> this.ending.complete();
			default -> throw new IllegalStateException("phase " + phase.tag() + " is not walked");
		}
		return null;
	}

	private @Nullable Phase answerOr(Phase next) throws ProxyException {
		TaskSession.Answer answer = this.session.answer;
		if (answer == null) {
			return next;
		}
		Responder.respond(this, answer.header(), answer.body());
		this.ending.begin(RequestOutcome.RESPONDED, null, null, End.REUSE);
		return null;
	}

	private void connect() throws ProxyException {
		HttpPeer peer = this.arguments.peer;
		if (peer == null) {
			Route route = route();
			Upstream upstream = route.upstream();
			if (upstream == null) {
				throw ProxyException.internal(ErrorType.NO_BACKEND, "route " + route.id() + " has no upstream");
			}
			peer = select(route, upstream);
			this.arguments.peer = peer;
		}
		this.session.attemptStarts(peer);
		UpstreamAttempt attempt = new UpstreamAttempt(this, peer);
		this.attempt = attempt;
		attempt.connect();
	}

	private HttpPeer select(Route route, Upstream upstream) throws ProxyException {
		this.watch.enter(Phase.UPSTREAM_PEER.tag(), null, route.id());
		try {
			return (this.session.attempts == 0) ? upstream.select(0, 0)
					: upstream.selectOther(0, this.session.attempts, failure().tried());
		}
		finally {
			this.watch.leave();
		}
	}

	private void startResponse() throws ProxyException {
		if (this.arguments.upgraded) {
			Tunnel.start(this);
		}
		else {
			this.pump.startResponse();
		}
	}

	/**
	 * The whole response has been written.
	 */
	void responseComplete() throws ProxyException {
		if (!this.downstream.hasFailed()) { // else the failure is on its way
			this.ending.begin(RequestOutcome.PROXIED, null, null, End.REUSE);
		}
	}

	/**
	 * Nothing is left of the request.
	 */
	void over() {
		this.requests.end();
	}

	Route route() {
		Route route = this.session.route;
		if (route == null) {
			throw new IllegalStateException("no route yet");
		}
		return route;
	}

	UpstreamAttempt attempt() {
		UpstreamAttempt attempt = this.attempt;
		if (attempt == null) {
			throw new IllegalStateException("no attempt is being made");
		}
		return attempt;
	}

	FailureFlow failure() {
		if (this.failure == null) {
			this.failure = new FailureFlow(this);
		}
		return this.failure;
	}

	/**
	 * Returns whether what the upstream still tells is of no interest.
	 * @return whether something has failed, or the end has begun
	 */
	boolean isFailing() {
		return this.ending.hasBegun() || (this.failure != null && this.failure.isFailing());
	}

	/**
	 * Returns whether a pooled connection has failed already: the others may be as stale.
	 * @return whether the next attempt shall make a connection of its own
	 */
	boolean needsFreshConnection() {
		return this.failure != null && this.failure.hasMetStale();
	}

	boolean isHeaderSent() {
		return this.session.status != 0;
	}

	PanicIsolation isolation() {
		return this.engine.isolation();
	}

	// Entries from the downstream session, each an isolation border.

	@Override
	public void onRequest() {
		isolation().run(this, (task) -> task.begin());
	}

	@Override
	public void onBody(ByteBuf data, boolean end) {
		if (end) {
			isolation().run(this, data, (task, last) -> task.pump.onRequestBody(last, true));
		}
		else {
			isolation().run(this, data, (task, piece) -> task.pump.onRequestBody(piece, false));
		}
	}

	@Override
	public void onTrailers(Headers trailers) {
		isolation().run(this, trailers, (task, fields) -> {
			ForwardingFields.cleanTrailers(fields, task.downstream.client());
			task.pump.onRequestTrailers(fields);
		});
	}

	@Override
	public void onWritable() {
		isolation().run(this, (task) -> task.pump.onDownstreamWritable());
	}

	@Override
	public void onReadComplete() {
		isolation().run(this, (task) -> task.pump.flushUpstream());
	}

	@Override
	public void onFailure(ProxyException error) {
		isolation().run(this, error, (task, failed) -> {
			task.failure().clientFailed();
			task.failed(failed);
		});
	}

	@Override
	public void onPanic(Panic panic) {
		isolation().run(this, panic, (task, happened) -> task.panicked(happened));
	}

	// What the border asks and tells.

	@Override
	public PanicSite panicSite() {
		RouteTrace trace = this.routing;
		if (trace != null) {
			return new PanicSite(PanicSite.PREDICATE, null, trace.routeId(), this.session.summary());
		}
		return this.walk.site();
	}

	@Override
	public void failed(ProxyException error) {
		failure().fail(error);
	}

	@Override
	public void panicked(Panic panic) {
		failure().panicked(panic);
	}

}
