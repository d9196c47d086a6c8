package dev.pingora.proxy.internal;

import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

import dev.pingora.balancing.Upstream;
import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.Phase;
import dev.pingora.event.RequestOutcome;
import dev.pingora.event.RequestSummary;
import dev.pingora.event.Timings;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.Panic;
import dev.pingora.panic.TaskResources;
import dev.pingora.protocol.DownstreamSession;
import dev.pingora.proxy.Attribute;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Session;
import dev.pingora.transport.UnixAddress;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * The session that filters see, and the facts of one request beneath it. Owned by the
 * task's event loop; while a blocking phase runs, by the executor's thread.
 */
final class TaskSession implements Session, FinishedRequest {

	private final long id;

	private final DownstreamSession downstream;

	private final RequestHeader request;

	private final ProxyEngine engine;

	final Trail trail;

	private @Nullable TaskResources resources; // made when there is one

	private @Nullable SocketAddress client;

	private @Nullable Map<Attribute<?>, Object> attributes;

	private boolean ended;

	private @Nullable RequestEnd end;

	private int upstreamStatus;

	private long endNanos;

	// Facts, written by the task.

	@Nullable Route route;

	@Nullable ResponseHeader response;

	@Nullable HttpPeer peer;

	@Nullable Phase phase;

	@Nullable Answer answer;

	Observers observers = Observers.NONE;

	int attempts;

	int status;

	long bytesReceived;

	long bytesSent;

	/**
	 * What a filter answers.
	 *
	 * @param header the head
	 * @param body the body
	 */
	record Answer(ResponseHeader header, byte[] body) {
	}

	TaskSession(long id, DownstreamSession downstream, ProxyEngine engine, long now) {
		this.id = id;
		this.downstream = downstream;
		this.engine = engine;
		this.request = downstream.request();
		this.trail = new Trail(now);
	}

	void attemptStarts(HttpPeer peer) {
		this.peer = peer;
		this.attempts++;
		this.upstreamStatus = 0;
		this.trail.attemptStarts();
		this.observers.attemptStarted(peer, this.attempts);
	}

	void connected(boolean reused) {
		this.trail.connected(reused);
	}

	void responded(ResponseHeader header, long now) {
		this.response = header;
		this.upstreamStatus = header.status();
		this.trail.responded(now);
	}

	/**
	 * The request has ended: now it is a {@link FinishedRequest}.
	 * @param end how
	 * @param now when
	 */
	void finish(RequestEnd end, long now) {
		this.end = end;
		this.endNanos = now;
	}

	void end() {
		this.ended = true;
	}

	private void checkOpen() {
		if (this.ended) {
			throw new IllegalStateException("the request has ended: its session can't be used any more");
		}
	}

	@Override
	public long id() {
		checkOpen();
		return this.id;
	}

	@Override
	public RequestHeader request() {
		checkOpen();
		return this.request;
	}

	@Override
	public @Nullable ResponseHeader response() {
		checkOpen();
		return this.response;
	}

	@Override
	public SocketAddress clientAddress() {
		checkOpen();
		SocketAddress client = this.client;
		if (client == null) {
			client = this.downstream.client().clientAddress(this.request);
			this.client = client;
		}
		return client;
	}

	@Override
	public SocketAddress remoteAddress() {
		checkOpen();
		return this.downstream.remoteAddress();
	}

	@Override
	public SocketAddress serverAddress() {
		checkOpen();
		return this.downstream.localAddress();
	}

	@Override
	public String protocol() {
		checkOpen();
		return this.downstream.protocol();
	}

	@Override
	public String routeId() {
		checkOpen();
		return Objects.requireNonNull(this.route, "route").id();
	}

	@Override
	public @Nullable HttpPeer peer() {
		checkOpen();
		return this.peer;
	}

	@Override
	public int attempts() {
		checkOpen();
		return this.attempts;
	}

	@Override
	public Duration elapsed() {
		checkOpen();
		return age();
	}

	Duration age() {
		return Duration.ofNanos(this.trail.age());
	}

	@Override
	public long bytesReceived() {
		checkOpen();
		return this.bytesReceived;
	}

	@Override
	public long bytesSent() {
		checkOpen();
		return this.bytesSent;
	}

	@Override
	public int status() {
		checkOpen();
		return this.status;
	}

	@Override
	public Outcome respond(int status) {
		return respond(ResponseHeader.of(status), new byte[0]);
	}

	@Override
	public Outcome respond(int status, String contentType, String body) {
		ResponseHeader header = ResponseHeader.of(status);
		header.headers().set("Content-Type", contentType);
		return respond(header, body.getBytes(StandardCharsets.UTF_8));
	}

	@Override
	public Outcome respond(ResponseHeader header, byte[] body) {
		checkOpen();
		Phase now = this.phase;
		if (now != Phase.EARLY_REQUEST_FILTER && now != Phase.REQUEST_FILTER && now != Phase.PROXY_UPSTREAM_FILTER) {
			throw new IllegalStateException("phase " + ((now != null) ? now.tag() : "none")
					+ " can't respond (expected: earlyRequestFilter, requestFilter, proxyUpstreamFilter)");
		}
		if (this.answer != null) {
			throw new IllegalStateException("the request is answered already");
		}
		if (header.status() < 200 || header.status() > 599) {
			throw new IllegalArgumentException("status: " + header.status() + " (expected: 200..599)");
		}
		this.answer = new Answer(header, body);
		return Outcome.RESPONDED;
	}

	@Override
	@SuppressWarnings("unchecked") // a key's value has the key's type
	public <T> @Nullable T attribute(Attribute<T> key) {
		checkOpen();
		return (this.attributes != null) ? (T) this.attributes.get(key) : null;
	}

	@Override
	public <T> void attribute(Attribute<T> key, @Nullable T value) {
		checkOpen();
		if (this.attributes == null) {
			this.attributes = new IdentityHashMap<>(4);
		}
		if (value != null) {
			this.attributes.put(key, value);
		}
		else {
			this.attributes.remove(key);
		}
	}

	@Override
	public void onRelease(Runnable action) {
		checkOpen();
		if (this.resources == null) {
			this.resources = new TaskResources(this.engine.isolation());
		}
		this.resources.add(action);
	}

	boolean hasResources() {
		return this.resources != null;
	}

	/**
	 * Releases what the filters have left to the request.
	 * @param route the route to blame for panics, or {@code null}
	 * @return the first panic of an action, or {@code null}
	 */
	@Nullable Panic release(@Nullable String route) {
		return (this.resources != null) ? this.resources.release(route) : null;
	}

	// What listeners see at the end.

	@Override
	public @Nullable String traceId() {
		checkOpen();
		return this.observers.traceId();
	}

	@Override
	public int upstreamStatus() {
		checkOpen();
		return this.upstreamStatus;
	}

	@Override
	public @Nullable String route() {
		checkOpen();
		return (this.route != null) ? this.route.id() : null;
	}

	@Override
	public @Nullable String upstream() {
		checkOpen();
		Upstream upstream = (this.route != null) ? this.route.upstream() : null;
		return (upstream != null) ? upstream.name() : null;
	}

	@Override
	public Timings timings() {
		checkOpen();
		return this.trail.timings((this.end != null) ? this.endNanos : System.nanoTime());
	}

	@Override
	public RequestOutcome outcome() {
		checkOpen();
		return Objects.requireNonNull(this.end, "end").outcome();
	}

	@Override
	public @Nullable ProxyException error() {
		checkOpen();
		return (this.end != null) ? this.end.error() : null;
	}

	@Override
	public long panicId() {
		checkOpen();
		Panic panic = (this.end != null) ? this.end.panic() : null;
		return (panic != null) ? panic.id() : 0;
	}

	@Override
	public RequestSummary summary() {
		checkOpen();
		return new RequestSummary(this.id, traceId(), this.downstream.protocol(), UnixAddress.text(clientAddress()),
				this.request.method(), this.request.path(), QueryNames.of(this.request.query()),
				this.request.header("host"), headers(), route(), upstream(),
				(this.peer != null) ? this.peer.toString() : null, this.attempts, this.status, this.bytesReceived,
				this.bytesSent, timings(), (this.end != null) ? this.end.outcome() : null, error(), panicId(),
				this.trail.steps());
	}

	private Map<String, String> headers() {
		Map<String, String> headers = new LinkedHashMap<>();
		for (String name : this.engine.summaryHeaders()) {
			String value = this.request.header(name);
			if (value != null) {
				headers.put(name, value);
			}
		}
		return Map.copyOf(headers);
	}

}
