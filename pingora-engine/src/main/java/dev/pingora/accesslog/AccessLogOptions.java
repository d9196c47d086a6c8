package dev.pingora.accesslog;

import java.nio.file.Path;
import java.time.Duration;

import dev.pingora.limits.Durations;
import org.jspecify.annotations.Nullable;

/**
 * What the access log looks like and where it goes. Immutable; start with
 * {@link #defaults()}.
 *
 * @param format what a line looks like
 * @param query what becomes of queries
 * @param path the file, or {@code null} for the process's standard output
 * @param queueCapacity how many lines may wait to be written, 16 to 1,048,576 (rounded up
 * to a power of two); what does not fit is dropped
 * @param closeTimeout how long {@link AccessLog#close()} waits for what is not written
 * yet
 */
public record AccessLogOptions(AccessLogFormat format, Query query, @Nullable Path path, int queueCapacity,
		Duration closeTimeout) {

	/**
	 * The fewest lines that a queue may have room for.
	 */
	public static final int MIN_QUEUE_CAPACITY = 16;

	/**
	 * The most lines that a queue may have room for.
	 */
	public static final int MAX_QUEUE_CAPACITY = 1024 * 1024;

	/**
	 * What becomes of queries, in targets and in the fields {@code Referer},
	 * {@code Location} and {@code Content-Location}.
	 */
	public enum Query {

		/** They are logged. */
		KEEP,

		/** They are left out, with their question mark. */
		STRIP

	}

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if one is out of range
	 */
	public AccessLogOptions {
		if (queueCapacity < MIN_QUEUE_CAPACITY || queueCapacity > MAX_QUEUE_CAPACITY) {
			throw new IllegalArgumentException("queueCapacity: " + queueCapacity + " (expected: " + MIN_QUEUE_CAPACITY
					+ ".." + MAX_QUEUE_CAPACITY + ")");
		}
		Durations.requireNotNegative("closeTimeout", closeTimeout);
	}

	/**
	 * Returns the defaults: {@code combined} without queries, to standard output, a queue
	 * of 16,384 lines, 2 s to close.
	 * @return the defaults
	 */
	public static AccessLogOptions defaults() {
		return new AccessLogOptions(AccessLogFormat.combined(), Query.STRIP, null, 16 * 1024, Duration.ofSeconds(2));
	}

	/**
	 * Returns a copy with another format.
	 * @param format the format
	 * @return the copy
	 */
	public AccessLogOptions withFormat(AccessLogFormat format) {
		return new AccessLogOptions(format, this.query, this.path, this.queueCapacity, this.closeTimeout);
	}

	/**
	 * Returns a copy with another way to treat queries.
	 * @param query what becomes of them
	 * @return the copy
	 */
	public AccessLogOptions withQuery(Query query) {
		return new AccessLogOptions(this.format, query, this.path, this.queueCapacity, this.closeTimeout);
	}

	/**
	 * Returns a copy with another destination.
	 * @param path the file, or {@code null} for standard output
	 * @return the copy
	 */
	public AccessLogOptions withPath(@Nullable Path path) {
		return new AccessLogOptions(this.format, this.query, path, this.queueCapacity, this.closeTimeout);
	}

	/**
	 * Returns a copy with another queue.
	 * @param capacity how many lines may wait, 16 to 1,048,576
	 * @return the copy
	 * @throws IllegalArgumentException if the capacity is out of range
	 */
	public AccessLogOptions withQueueCapacity(int capacity) {
		return new AccessLogOptions(this.format, this.query, this.path, capacity, this.closeTimeout);
	}

	/**
	 * Returns a copy with another bound for closing.
	 * @param timeout how long closing waits for what is not written yet
	 * @return the copy
	 * @throws IllegalArgumentException if the timeout is negative, or longer than
	 * {@link Durations#MOST}
	 */
	public AccessLogOptions withCloseTimeout(Duration timeout) {
		return new AccessLogOptions(this.format, this.query, this.path, this.queueCapacity, timeout);
	}

}
