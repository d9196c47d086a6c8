package dev.pingora.testkit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Waits for what happens on other threads: often asked, never longer than told. The only
 * place of the project's tests at which time is passed by waiting.
 */
public final class Await {

	/** How long tests wait when they don't say. */
	public static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final List<Duration> SCALES = Stream.of(200, 400, 800, 1600).map(Duration::ofMillis).toList();

	private static final Duration STILL = Duration.ofMillis(300);

	private static final long STEP = TimeUnit.MILLISECONDS.toNanos(2);

	private Await() {
	}

	/**
	 * Waits for a condition, {@link #PATIENCE} at most.
	 * @param what the condition in words
	 * @param condition the condition
	 * @throws AssertionError if it did not come true
	 */
	public static void until(String what, BooleanSupplier condition) {
		until(PATIENCE, () -> what, condition);
	}

	/**
	 * Waits for a condition.
	 * @param patience how long at most
	 * @param describe says, when it is too late, what was awaited and what is there
	 * @param condition the condition
	 * @throws AssertionError if it did not come true
	 */
	public static void until(Duration patience, Supplier<String> describe, BooleanSupplier condition) {
		if (!poll(patience, condition)) {
			throw new AssertionError("Not within " + patience.toMillis() + " ms: " + describe.get());
		}
	}

	/**
	 * Waits for a condition without failing.
	 * @param patience how long at most
	 * @param condition the condition
	 * @return whether it came true
	 * @throws IllegalStateException if the thread is interrupted
	 */
	public static boolean poll(Duration patience, BooleanSupplier condition) {
		long end = System.nanoTime() + patience.toNanos();
		while (!condition.getAsBoolean()) {
			if (Thread.currentThread().isInterrupted()) {
				throw new IllegalStateException("interrupted while waiting");
			}
			if (System.nanoTime() - end >= 0) {
				return condition.getAsBoolean();
			}
			LockSupport.parkNanos(STEP);
		}
		return true;
	}

	/**
	 * Waits until a count has begun to move and then not moved for 300 ms: whoever moves
	 * it is stuck.
	 * @param count the count
	 * @return its value
	 * @throws AssertionError if it did not come to rest
	 */
	public static long still(LongSupplier count) {
		long[] last = { count.getAsLong(), System.nanoTime() };
		until("a count that stands still", () -> {
			long now = count.getAsLong();
			if (now != last[0] || now == 0) {
				last[0] = now;
				last[1] = System.nanoTime();
			}
			return System.nanoTime() - last[1] > STILL.toNanos();
		});
		return last[0];
	}

	/**
	 * Shows that a short timeout does not end what it must not end. Nobody knows how long
	 * this machine takes for the rest, but a mistake shows on each scale: the attempt is
	 * made with ever longer timeouts, 200 ms at first and 1.6 s at last, until one of
	 * them is long enough.
	 * @param attempt is given the timeout; returns {@code false} if it ended something
	 * that a faster machine would have done in time, and throws what is wrong however
	 * fast the machine is
	 * @throws AssertionError if the timeout was too short on each scale
	 */
	public static void onSomeScale(Predicate<Duration> attempt) {
		if (SCALES.stream().noneMatch(attempt)) {
			throw new AssertionError("Ended by its timeout, however long that was: " + SCALES);
		}
	}

}
