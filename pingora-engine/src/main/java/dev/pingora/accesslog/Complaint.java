package dev.pingora.accesslog;

import java.util.concurrent.TimeUnit;

/**
 * Says when the same may be logged again: at once, then after 10 s, 20 s and so on, 10
 * minutes at most. Owned by one thread.
 */
final class Complaint {

	private static final long FIRST = TimeUnit.SECONDS.toNanos(10);

	private static final long LONGEST = TimeUnit.MINUTES.toNanos(10);

	private long pause;

	private long last;

	/**
	 * Asks whether to log now.
	 * @param now the time, by {@code System.nanoTime()}
	 * @return whether to log; the pause until the next time begins then
	 */
	boolean isDue(long now) {
		long since = now - this.last;
		if (this.pause > 0 && since < this.pause) {
			return false;
		}
		boolean quietSince = since >= 2 * this.pause; // it has stopped meanwhile
		this.pause = (this.pause == 0 || quietSince) ? FIRST : Math.min(2 * this.pause, LONGEST);
		this.last = now;
		return true;
	}

	void reset() {
		this.pause = 0;
	}

}
