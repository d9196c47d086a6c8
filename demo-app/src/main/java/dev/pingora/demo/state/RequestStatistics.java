package dev.pingora.demo.state;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestObserver;
import dev.pingora.event.RequestOutcome;
import dev.pingora.http.RequestHeader;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;

/**
 * Counts and measures the requests on all routes but the page's own. Written by the event
 * loops, read by the publisher's thread.
 */
@Component
@ConditionalOnBooleanProperty(name = "demo.page.enabled", matchIfMissing = true)
final class RequestStatistics implements ProxyListener {

	private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);

	// One for all requests: it keeps nothing of any.
	private final RequestObserver observer = new RequestObserver() {

		@Override
		public void finished(FinishedRequest request) {
			RequestStatistics.this.finished(request);
		}

	};

	private final Recorder latencies = new Recorder(LONGEST_MICROS, 3);

	private final LongAdder requests = new LongAdder();

	private final AtomicLong inFlight = new AtomicLong();

	private final LongAccumulator mostInFlight = new LongAccumulator(Math::max, 0);

	// The publisher's thread only.

	private @Nullable Histogram spare;

	private long endNanos = System.nanoTime();

	private long requestsAtEnd;

	private long panicsAtEnd;

	@Override
	public @Nullable RequestObserver requestStarted(long requestId, RequestHeader request) {
		if (isOfPage(request.target())) {
			return null;
		}
		this.mostInFlight.accumulate(this.inFlight.incrementAndGet());
		return this.observer;
	}

	// By the target, which is known from the start; the route is not.
	private static boolean isOfPage(String target) {
		return target.equals("/") || target.startsWith("/?") || target.startsWith("/demo/");
	}

	private void finished(FinishedRequest request) {
		this.inFlight.decrementAndGet();
		this.requests.increment();
		if (request.outcome() != RequestOutcome.PANIC && request.outcome() != RequestOutcome.ABORTED) {
			long micros = TimeUnit.NANOSECONDS.toMicros(request.timings().total());
			this.latencies.recordValue(Math.min(micros, LONGEST_MICROS));
		}
	}

	long requests() {
		return this.requests.sum();
	}

	long inFlight() {
		return this.inFlight.get();
	}

	long nanosSinceSecond() {
		return System.nanoTime() - this.endNanos;
	}

	Second endSecond(long at, long panics) {
		long now = System.nanoTime();
		double seconds = Math.max(1, now - this.endNanos) / 1e9;
		long requests = requests();
		Histogram histogram = this.latencies.getIntervalHistogram(this.spare);
		Second second = new Second(at, (requests - this.requestsAtEnd) / seconds, millis(histogram, 50),
				millis(histogram, 90), millis(histogram, 99),
				Math.max(this.mostInFlight.getThenReset(), this.inFlight.get()), panics - this.panicsAtEnd);
		this.spare = histogram;
		this.endNanos = now;
		this.requestsAtEnd = requests;
		this.panicsAtEnd = panics;
		return second;
	}

	private static @Nullable Double millis(Histogram histogram, double percentile) {
		return (histogram.getTotalCount() == 0) ? null : histogram.getValueAtPercentile(percentile) / 1000.0;
	}

}
