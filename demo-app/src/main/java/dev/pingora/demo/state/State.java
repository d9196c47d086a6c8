package dev.pingora.demo.state;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What changes all the time.
 *
 * @param now when it was made, in milliseconds since 1970
 * @param started when the application was started; another one means that it was again
 * @param requests requests that have ended, since the start
 * @param inFlight requests under way
 * @param panics panics since the start
 * @param bystanders the bystanders, or {@code null} if there are none
 * @param seconds the last two minutes, oldest first
 * @param recent the most recent panics, newest first
 */
record State(long now, long started, long requests, long inFlight, long panics, @Nullable Bystanders bystanders,
		List<Second> seconds, List<PanicEntry> recent) {

	/**
	 * The bystanders.
	 *
	 * @param connections how many there are
	 * @param rate how often they call, in a second
	 * @param ok how many requests went well
	 * @param errors how many did not
	 * @param lastError what was wrong with the last of these, or {@code null}
	 */
	record Bystanders(int connections, int rate, long ok, long errors, @Nullable String lastError) {
	}

}
