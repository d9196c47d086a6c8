package dev.pingora.watchdog;

import java.time.Duration;

/**
 * What the watchdog allows.
 *
 * @param loopBudget how long a call may hold an event loop before it is reported, 10 ms
 * to 1 h; zero switches the watchdog off
 */
public record WatchdogOptions(Duration loopBudget) {

	private static final Duration LEAST = Duration.ofMillis(10);

	private static final Duration MOST = Duration.ofHours(1);

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if the budget is out of range
	 */
	public WatchdogOptions {
		if (!loopBudget.isZero() && (loopBudget.compareTo(LEAST) < 0 || loopBudget.compareTo(MOST) > 0)) {
			throw new IllegalArgumentException("loopBudget: " + loopBudget + " (expected: 10 ms to 1 h, or 0 for off)");
		}
	}

	/**
	 * Returns the defaults: a budget of 100 ms.
	 * @return the defaults
	 */
	public static WatchdogOptions defaults() {
		return new WatchdogOptions(Duration.ofMillis(100));
	}

	/**
	 * Returns options that switch the watchdog off.
	 * @return a budget of zero
	 */
	public static WatchdogOptions off() {
		return new WatchdogOptions(Duration.ZERO);
	}

	/**
	 * Returns whether there is a watchdog at all.
	 * @return whether the budget is not zero
	 */
	public boolean isOn() {
		return !this.loopBudget.isZero();
	}

}
