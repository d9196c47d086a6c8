package dev.pingora.demo.traffic;

import java.util.concurrent.atomic.LongAdder;

import org.jspecify.annotations.Nullable;

/**
 * What the bystanders have seen. Used by all threads.
 */
public final class TrafficCounts {

	private final LongAdder ok = new LongAdder();

	private final LongAdder errors = new LongAdder();

	private volatile @Nullable String lastError;

	TrafficCounts() {
	}

	void succeeded() {
		this.ok.increment();
	}

	void failed(String error) {
		this.lastError = error;
		this.errors.increment();
	}

	/**
	 * Returns how many requests were answered as they should be.
	 * @return the number since the start
	 */
	public long ok() {
		return this.ok.sum();
	}

	/**
	 * Returns how many requests were not: no answer, another status or another body.
	 * @return the number since the start
	 */
	public long errors() {
		return this.errors.sum();
	}

	/**
	 * Returns what was wrong the last time.
	 * @return a text, or {@code null} if nothing was
	 */
	public @Nullable String lastError() {
		return this.lastError;
	}

}
