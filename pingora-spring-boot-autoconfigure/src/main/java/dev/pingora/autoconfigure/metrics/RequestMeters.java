package dev.pingora.autoconfigure.metrics;

import java.util.function.Function;
import java.util.stream.Stream;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.HeldLoop;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RejectedRequest;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Measures requests, and what becomes of them. Used by all event loops and the watchdog;
 * see {@link RequestTimers} for what it costs a request.
 */
final class RequestMeters implements ProxyListener {

	/** How many values a tag may have that user code chooses. */
	static final int MAX_NAMES = 100;

	private static final int MAX_ROUTES = 1000;

	private static final int MAX_HOLDERS = 1000;

	private final MeterRegistry registry;

	private final RequestTimers timers;

	private final BoundedMeters<String, Bytes> bytes;

	private final BoundedMeters<String, Counter[]> errors;

	private final BoundedMeters<String, Counter> retries;

	private final BoundedMeters<String, Rejects> rejects;

	private final BoundedMeters<Holder, Counter> held;

	/**
	 * The bytes of a route's requests.
	 *
	 * @param received counts those of request bodies
	 * @param sent counts those of response bodies
	 */
	private record Bytes(Counter received, Counter sent) {
	}

	/**
	 * The refusals of one kind.
	 *
	 * @param heads counts those of requests that never began
	 * @param requests counts those of requests that had begun
	 */
	private record Rejects(Counter heads, Counter requests) {
	}

	/**
	 * What a loop was held by.
	 *
	 * @param phase the phase's name
	 * @param filter the filter's name
	 * @param route the route's id
	 */
	private record Holder(String phase, String filter, String route) {
	}

	RequestMeters(MeterRegistry registry) {
		this.registry = registry;
		this.timers = new RequestTimers(registry);
		this.bytes = new BoundedMeters<>(MAX_ROUTES, MeterTags.OTHER, this::bytes);
		this.errors = byName(this::errors);
		this.retries = byName((type) -> Counter.builder("pingora.retries")
			.description("Attempts that failed and were made again")
			.tag("type", type)
			.register(registry));
		this.rejects = byName((reason) -> new Rejects(rejects(reason, false), rejects(reason, true)));
		Holder others = new Holder(MeterTags.OTHER, MeterTags.OTHER, MeterTags.OTHER);
		this.held = new BoundedMeters<>(MAX_HOLDERS, others, this::held);
	}

	private static <M> BoundedMeters<String, M> byName(Function<String, M> registration) {
		return new BoundedMeters<>(MAX_NAMES, MeterTags.OTHER, registration);
	}

	private Bytes bytes(String route) {
		return new Bytes(
				Counter.builder("pingora.bytes.received")
					.description("Octets of request bodies that were received")
					.tag("route", route)
					.register(this.registry),
				Counter.builder("pingora.bytes.sent")
					.description("Octets of response bodies that were sent")
					.tag("route", route)
					.register(this.registry));
	}

	private Counter[] errors(String type) {
		return Stream.of(ErrorSource.values())
			.map((source) -> Counter.builder("pingora.errors")
				.description("Failures that ended a request")
				.tag("type", type)
				.tag("source", source.tag())
				.register(this.registry))
			.toArray(Counter[]::new);
	}

	private Counter rejects(String reason, boolean began) {
		return Counter.builder("pingora.rejects")
			.description("Requests that were refused")
			.tag("reason", reason)
			.tag("began", String.valueOf(began))
			.register(this.registry);
	}

	private Counter held(Holder holder) {
		return Counter.builder("pingora.loop.held")
			.description("Calls that held an event loop for too long")
			.tag("phase", holder.phase())
			.tag("filter", holder.filter())
			.tag("route", holder.route())
			.register(this.registry);
	}

	@Override
	public void requestFinished(FinishedRequest request) {
		this.timers.record(request);
		Bytes bytes = this.bytes.get(MeterTags.orNone(request.route()));
		bytes.received().increment(request.bytesReceived());
		bytes.sent().increment(request.bytesSent());
		ProxyException error = request.error();
		if (error != null) {
			this.errors.get(error.type().name())[error.source().ordinal()].increment();
			if (isRejected(request, error)) {
				this.rejects.get(error.type().name()).requests().increment();
			}
		}
	}

	// It is the client's fault, and the client was still there to be told. A tunnel is
	// silent, or old: no bad input.
	private static boolean isRejected(FinishedRequest request, ProxyException error) {
		return error.source() == ErrorSource.DOWNSTREAM && error.status() != 0 && request.status() != 101;
	}

	@Override
	public void retried(long requestId, ProxyException error) {
		this.retries.get(error.type().name()).increment();
	}

	@Override
	public void requestRejected(RejectedRequest request) {
		this.rejects.get(request.error().type().name()).heads().increment();
	}

	@Override
	public void loopHeld(HeldLoop held) {
		if (held.first()) {
			this.held.get(new Holder(held.phase(), MeterTags.orNone(held.filter()), MeterTags.orNone(held.route())))
				.increment();
		}
	}

}
