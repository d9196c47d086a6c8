package dev.pingora.proxy.internal;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import dev.pingora.connector.Connector;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RejectedRequest;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicResponse;
import dev.pingora.protocol.DownstreamHandler;
import dev.pingora.protocol.DownstreamSession;
import dev.pingora.protocol.SessionHandler;
import dev.pingora.protocol.UpgradeOptions;
import dev.pingora.proxy.Router;
import dev.pingora.transport.EventLoops;
import io.netty.channel.EventLoop;

/**
 * What all requests share, and where they are born. Immutable but for its counters; used
 * by all event loops.
 */
public final class ProxyEngine implements SessionHandler {

	private final Parts parts;

	private final Listeners listeners;

	private final Map<EventLoop, LoopRequests> requests = new IdentityHashMap<>();

	private final AtomicInteger activeTunnels = new AtomicInteger();

	/**
	 * Makes an engine.
	 * @param parts what it is made of
	 */
	public ProxyEngine(Parts parts) {
		this.parts = parts;
		this.listeners = new Listeners(parts.isolation(), parts.listeners());
		AtomicLong blocks = new AtomicLong();
		for (EventLoop loop : parts.loops().loops()) {
			this.requests.put(loop, new LoopRequests(blocks, parts.loops().watch(loop)));
		}
	}

	/**
	 * What an engine is made of.
	 *
	 * @param router finds a request's route
	 * @param connector obtains upstream sessions
	 * @param isolation the border
	 * @param executor where blocking phases run
	 * @param listeners who observes requests
	 * @param panicResponse what a client sees of a panic
	 * @param retries how often an attempt may be repeated
	 * @param summaryHeaders the names of the header fields that summaries show
	 * @param loops the event loops, each with its watch
	 * @param upgrades how long tunnels live
	 */
	public record Parts(Router router, Connector connector, PanicIsolation isolation, Executor executor,
			List<ProxyListener> listeners, PanicResponse panicResponse, RetryLimits retries,
			List<String> summaryHeaders, EventLoops loops, UpgradeOptions upgrades) {
	}

	/**
	 * How often an attempt may be repeated.
	 *
	 * @param max how many attempts may follow the first one
	 * @param budgetNanos no attempt starts when the request has been here for so long
	 * @param maxReplaySize how many octets of a body are kept to be sent again
	 */
	public record RetryLimits(int max, long budgetNanos, int maxReplaySize) {
	}

	@Override
	public DownstreamHandler open(DownstreamSession session) {
		return new RequestTask(this, session, requests(session.loop()));
	}

	@Override
	public void rejected(EventLoop loop, RejectedRequest request) {
		this.listeners.rejected(requests(loop).watch(), request);
	}

	/**
	 * Returns how many requests are being served.
	 * @return the number of requests that have begun and not ended
	 */
	public int activeRequests() {
		return this.requests.values().stream().mapToInt(LoopRequests::active).sum();
	}

	/**
	 * Returns how many of the requests have become tunnels.
	 * @return the number of tunnels that are open
	 */
	public int activeTunnels() {
		return this.activeTunnels.get();
	}

	void tunnelOpened() {
		this.activeTunnels.incrementAndGet();
	}

	void tunnelClosed() {
		this.activeTunnels.decrementAndGet();
	}

	UpgradeOptions upgrades() {
		return this.parts.upgrades();
	}

	Router router() {
		return this.parts.router();
	}

	Connector connector() {
		return this.parts.connector();
	}

	PanicIsolation isolation() {
		return this.parts.isolation();
	}

	Executor executor() {
		return this.parts.executor();
	}

	PanicResponse panicResponse() {
		return this.parts.panicResponse();
	}

	RetryLimits retries() {
		return this.parts.retries();
	}

	List<String> summaryHeaders() {
		return this.parts.summaryHeaders();
	}

	Listeners listeners() {
		return this.listeners;
	}

	private LoopRequests requests(EventLoop loop) {
		return Objects.requireNonNull(this.requests.get(loop), "the event loop belongs to another server");
	}

}
