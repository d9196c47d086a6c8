package dev.pingora.autoconfigure.sentry;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import dev.pingora.autoconfigure.PanicReporter;
import dev.pingora.autoconfigure.SentryProperties;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicListener;
import io.sentry.AsyncHttpTransportFactory;
import io.sentry.Hint;
import io.sentry.IScopes;
import io.sentry.SentryOptions;
import io.sentry.SentryStackTraceFactory;
import io.sentry.protocol.SentryId;
import io.sentry.util.HintUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.DisposableBean;

/**
 * Reports panics to Sentry, on a thread of its own, so that a Sentry that is slow or gone
 * delays nobody. It hands the SDK one event after the other, and the next one only when
 * it knows what became of the last: what waits, waits here, where it is folded and
 * counted, and takes no room from the application's own events in the SDK's queue.
 */
final class SentryPanicReporter implements PanicListener, PanicReporter, DisposableBean {

	/** The key under which the SDK's callbacks find the {@link Panic} in the hint. */
	static final String HINT = "pingora.panic";

	private static final Logger logger = LoggerFactory.getLogger(SentryPanicReporter.class);

	private final IScopes scopes;

	private final ReportIds ids = new ReportIds();

	private final FoldingQueue queue;

	private final PanicFingerprint fingerprint;

	private final Duration shutdownTimeout;

	private final LongAdder sent = new LongAdder();

	private final LossLog losses = new LossLog(System::nanoTime);

	private final Thread thread;

	/**
	 * Makes a reporter, and starts its thread.
	 * @param scopes the SDK
	 * @param properties the limits
	 */
	SentryPanicReporter(IScopes scopes, SentryProperties properties) {
		this.scopes = scopes;
		this.shutdownTimeout = properties.shutdownTimeout();
		this.queue = new FoldingQueue(new FoldingQueue.Limits(properties.queueCapacity(),
				properties.foldWindow().toNanos(), properties.maxEventsPerMinute()), System::nanoTime, this.ids);
		SentryStackTraceFactory frames = new SentryStackTraceFactory(scopes.getOptions());
		this.fingerprint = new PanicFingerprint((name) -> Boolean.TRUE.equals(frames.isInApp(name)));
		this.thread = new Thread(this::run, "pingora-sentry");
		this.thread.setDaemon(true);
		this.thread.start();
		logger.info("Panics are reported to Sentry");
	}

	@Override
	public void onPanic(Panic panic) {
		this.queue.offer(panic, this.fingerprint.of(panic));
	}

	private void run() {
		try {
			PanicReport report = this.queue.take();
			while (report != null) {
				send(report);
				report = this.queue.take();
			}
		}
		catch (InterruptedException interrupted) {
			Thread.currentThread().interrupt(); // the bound of the shutdown was reached
		}
	}

	private void send(PanicReport report) throws InterruptedException {
		boolean[] delivered = new boolean[1];
		Throwable thrown = PanicIsolation.capture(() -> delivered[0] = deliver(report));
		if (!delivered[0]) {
			this.queue.lost(report);
		}
		if (thrown instanceof InterruptedException interrupted) {
			throw interrupted;
		}
		if (thrown != null) {
			// a bug in a callback, perhaps, which may not bear to be logged either
			long id = report.panic().id();
			PanicIsolation.capture(() -> logger.error("Panic {} could not be reported to Sentry", id, thrown));
		}
	}

	private boolean deliver(PanicReport report) throws InterruptedException {
		Delivery delivery = new Delivery();
		Hint hint = HintUtils.createWithTypeCheckHint(delivery);
		hint.set(HINT, report.panic());
		SentryId id = this.scopes.captureEvent(PanicEvents.event(report), hint);
		if (SentryId.EMPTY_ID.equals(id)) { // what the application itself keeps back
			return false;
		}
		if (!isDelivered(delivery)) {
			this.losses.refused(report.panic().id(), this.queue.dropped() + report.panics());
			return false;
		}
		report.eventId().set(id.toString());
		this.sent.increment();
		return true;
	}

	// Another transport than the SDK's usual one may not tell.
	private boolean isDelivered(Delivery delivery) throws InterruptedException {
		SentryOptions options = this.scopes.getOptions();
		return !(options.getTransportFactory() instanceof AsyncHttpTransportFactory) || delivery.await(
				options.getConnectionTimeoutMillis() + options.getReadTimeoutMillis() + TimeUnit.SECONDS.toMillis(1));
	}

	/**
	 * Sends what still waits, for as long as is allowed, and ends the thread.
	 */
	@Override
	public void destroy() {
		this.queue.end();
		try {
			TimeUnit.MILLISECONDS.timedJoin(this.thread, this.shutdownTimeout.toMillis());
			this.thread.interrupt(); // nobody notices, if it has ended
		}
		catch (InterruptedException interrupted) {
			this.thread.interrupt();
			Thread.currentThread().interrupt();
		}
		long abandoned = this.queue.abandon();
		if (abandoned > 0) {
			logger.warn("{} panics were not reported to Sentry in time", abandoned);
		}
	}

	@Override
	public String name() {
		return "sentry";
	}

	@Override
	public long sent() {
		return this.sent.sum();
	}

	@Override
	public long folded() {
		return this.queue.folded();
	}

	@Override
	public long dropped() {
		return this.queue.dropped();
	}

	@Override
	public @Nullable String reportId(long panicId) {
		return this.ids.get(panicId);
	}

}
