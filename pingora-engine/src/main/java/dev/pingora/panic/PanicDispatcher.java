package dev.pingora.panic;

import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands panics to the log and to the listeners on a thread of its own, so that whoever
 * panicked never waits. The thread is there only while there is something to tell.
 */
final class PanicDispatcher {

	private static final Logger logger = LoggerFactory.getLogger(PanicIsolation.class);

	private static final int CAPACITY = 1024;

	private final List<PanicListener> listeners;

	private final Consumer<String> listenerPanicked;

	private final LongAdder dropped = new LongAdder();

	private final ThreadPoolExecutor thread;

	PanicDispatcher(List<PanicListener> listeners, Consumer<String> listenerPanicked) {
		this(listeners, listenerPanicked, PanicDispatcher::thread);
	}

	PanicDispatcher(List<PanicListener> listeners, Consumer<String> listenerPanicked, ThreadFactory threads) {
		this.listeners = List.copyOf(listeners);
		this.listenerPanicked = listenerPanicked;
		this.thread = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(CAPACITY), threads,
				(runnable, executor) -> this.dropped.increment());
		this.thread.allowCoreThreadTimeOut(true);
	}

	private static Thread thread(Runnable runnable) {
		Thread thread = new Thread(runnable, "pingora-panics");
		thread.setDaemon(true);
		return thread;
	}

	// No thread may be had when the process is at its limits, which is when panics
	// happen.
	void offer(Panic panic) {
		if (PanicIsolation.capture(() -> this.thread.execute(() -> tell(panic))) != null) {
			this.dropped.increment();
		}
	}

	// What was thrown may itself panic when it is asked for its message or stack.
	private void tell(Panic panic) {
		if (PanicIsolation.capture(() -> log(panic)) != null) {
			logger.error("Panic {} in {}: {}, which can't be described", panic.id(), panic.site().phase(),
					panic.cause().getClass().getName());
		}
		for (PanicListener listener : this.listeners) {
			Throwable thrown = PanicIsolation.capture(() -> listener.onPanic(panic));
			if (thrown != null) { // never dispatched again: it would go on for ever
				listenerPanicked(listener.getClass().getSimpleName(), thrown);
			}
		}
	}

	private void listenerPanicked(String name, Throwable thrown) {
		this.listenerPanicked.accept(name);
		if (PanicIsolation.capture(() -> logger.error("Panic listener {} has panicked", name, thrown)) != null) {
			logger.error("Panic listener {} has panicked: {}, which can't be described", name,
					thrown.getClass().getName());
		}
	}

	private static void log(Panic panic) {
		PanicSite site = panic.site();
		logger.error("Panic {} in {} (filter {}, route {}) on {}: {}", panic.id(), site.phase(), site.filter(),
				site.route(), panic.thread(), describe(site), panic.cause());
	}

	private static Object describe(PanicSite site) {
		return (site.request() != null) ? site.request() : "outside any request";
	}

	long dropped() {
		return this.dropped.sum();
	}

	void close() {
		this.thread.shutdown();
		try {
			if (!this.thread.awaitTermination(2, TimeUnit.SECONDS)) {
				this.thread.shutdownNow();
			}
		}
		catch (InterruptedException interrupted) {
			this.thread.shutdownNow();
			Thread.currentThread().interrupt();
		}
	}

}
