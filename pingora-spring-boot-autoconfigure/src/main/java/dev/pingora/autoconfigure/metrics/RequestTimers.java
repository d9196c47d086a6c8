package dev.pingora.autoconfigure.metrics;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;

import dev.pingora.event.FinishedRequest;
import dev.pingora.event.RequestOutcome;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.jspecify.annotations.Nullable;

/**
 * The timers {@code pingora.requests}. A registry looks a meter up by name and tags,
 * which it must build and hash: too much for each request. Here a timer is found by the
 * route, the upstream, and two indexes. Used by all event loops; to record a combination
 * that was there before allocates nothing and takes no lock.
 */
final class RequestTimers {

	/** How many combinations of tags there are at most, those of the rest not counted. */
	static final int MAX_COMBINATIONS = 2000;

	private static final RequestOutcome[] OUTCOMES = RequestOutcome.values();

	private final MeterRegistry registry;

	private final ConcurrentMap<String, ConcurrentMap<String, Table>> routes = new ConcurrentHashMap<>();

	// By outcome, for all combinations that came too late; there when the bound is met.
	private volatile Timer @Nullable [] others;

	// Guarded by this.

	private int combinations;

	RequestTimers(MeterRegistry registry) {
		this.registry = registry;
	}

	/**
	 * The timers of one route and upstream: by status, then by method and outcome.
	 *
	 * @param byStatus the timers
	 */
	private record Table(AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Timer>> byStatus) {

		static Table empty() {
			return new Table(new AtomicReferenceArray<>(MeterTags.STATUS_COUNT));
		}

		@Nullable Timer get(int status, int column) {
			AtomicReferenceArray<@Nullable Timer> row = this.byStatus.get(status);
			return (row != null) ? row.get(column) : null;
		}

		void put(int status, int column, Timer timer) {
			AtomicReferenceArray<@Nullable Timer> row = this.byStatus.get(status);
			if (row == null) {
				row = new AtomicReferenceArray<>(MeterTags.METHOD_COUNT * OUTCOMES.length);
				this.byStatus.set(status, row);
			}
			row.set(column, timer);
		}

	}

	void record(FinishedRequest request) {
		timer(request).record(request.timings().total(), TimeUnit.NANOSECONDS);
	}

	private Timer timer(FinishedRequest request) {
		int status = MeterTags.statusIndex(request.status());
		int column = MeterTags.methodIndex(request.request().method()) * OUTCOMES.length + request.outcome().ordinal();
		String route = MeterTags.orNone(request.route());
		String upstream = MeterTags.orNone(request.upstream());
		ConcurrentMap<String, Table> tables = this.routes.get(route);
		Table table = (tables != null) ? tables.get(upstream) : null;
		Timer timer = (table != null) ? table.get(status, column) : null;
		if (timer != null) {
			return timer;
		}
		Timer[] others = this.others;
		return (others != null) ? others[request.outcome().ordinal()] : register(route, upstream, status, column);
	}

	private synchronized Timer register(String route, String upstream, int status, int column) {
		RequestOutcome outcome = OUTCOMES[column % OUTCOMES.length];
		if (this.combinations >= MAX_COMBINATIONS) {
			return others()[outcome.ordinal()];
		}
		Table table = this.routes.computeIfAbsent(route, (missing) -> new ConcurrentHashMap<>())
			.computeIfAbsent(upstream, (missing) -> Table.empty());
		Timer present = table.get(status, column); // another loop may have been faster
		if (present != null) {
			return present;
		}
		Timer timer = register(new Tags(route, upstream, MeterTags.method(column / OUTCOMES.length),
				MeterTags.status(status), outcome));
		table.put(status, column, timer);
		this.combinations++;
		return timer;
	}

	private Timer[] others() {
		Timer[] others = this.others;
		if (others == null) {
			others = new Timer[OUTCOMES.length];
			for (RequestOutcome outcome : OUTCOMES) {
				others[outcome.ordinal()] = register(
						new Tags(MeterTags.OTHER, MeterTags.OTHER, MeterTags.OTHER_METHOD, MeterTags.OTHER, outcome));
			}
			this.others = others;
		}
		return others;
	}

	/**
	 * What requests are told apart by.
	 *
	 * @param route the route's id
	 * @param upstream the upstream's name
	 * @param method the method
	 * @param status the status
	 * @param outcome the outcome
	 */
	private record Tags(String route, String upstream, String method, String status, RequestOutcome outcome) {
	}

	private Timer register(Tags tags) {
		return Timer.builder("pingora.requests")
			.description("Requests that have ended, from their head to their end")
			.tag("route", tags.route())
			.tag("upstream", tags.upstream())
			.tag("method", tags.method())
			.tag("status", tags.status())
			.tag("outcome", tags.outcome().tag())
			.register(this.registry);
	}

}
