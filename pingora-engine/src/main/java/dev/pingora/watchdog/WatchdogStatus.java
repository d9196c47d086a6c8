package dev.pingora.watchdog;

import java.time.Duration;
import java.util.List;

import dev.pingora.event.HeldLoop;

/**
 * What the watchdog has seen.
 *
 * @param budget how long a call may hold an event loop; zero if there is no watchdog
 * @param held the calls that hold a loop at this moment, beyond the budget
 * @param overruns how many calls were reported since the start
 * @param recent the calls that were reported last, the newest first; 20 at most
 */
public record WatchdogStatus(Duration budget, List<HeldLoop> held, long overruns, List<HeldLoop> recent) {

	/**
	 * Copies the lists.
	 */
	public WatchdogStatus {
		held = List.copyOf(held);
		recent = List.copyOf(recent);
	}

	/**
	 * Returns the status where there is no watchdog.
	 * @return a budget of zero, and nothing seen
	 */
	public static WatchdogStatus off() {
		return new WatchdogStatus(Duration.ZERO, List.of(), 0, List.of());
	}

}
