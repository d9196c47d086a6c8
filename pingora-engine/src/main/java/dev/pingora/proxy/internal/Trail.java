package dev.pingora.proxy.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import dev.pingora.event.Phase;
import dev.pingora.event.Step;
import dev.pingora.event.Timings;
import org.jspecify.annotations.Nullable;

/**
 * When a request came where: milestones of the last attempt, and each phase in which
 * filters were called, when it was reached first. Where no filter is called, it costs two
 * or three looks at the clock. Owned like the session.
 */
final class Trail {

	private static final Phase[] PHASES = Phase.values();

	private final long start;

	private long attempt;

	private long connected;

	private long header;

	private int reached; // a bit for each phase

	private long @Nullable [] times;

	Trail(long start) {
		this.start = start;
	}

	void reached(Phase phase) {
		int bit = 1 << phase.ordinal();
		if ((this.reached & bit) == 0) {
			this.reached |= bit;
			if (this.times == null) {
				this.times = new long[PHASES.length];
			}
			this.times[phase.ordinal()] = System.nanoTime();
		}
	}

	// Where nothing came before, it is the beginning.
	void attemptStarts() {
		this.attempt = (this.reached != 0 || this.attempt != 0) ? System.nanoTime() : this.start;
		this.connected = 0;
		this.header = 0;
	}

	void connected(boolean reused) {
		this.connected = reused ? this.attempt : System.nanoTime();
	}

	void responded(long now) {
		this.header = now;
	}

	long age() {
		return System.nanoTime() - this.start;
	}

	Timings timings(long now) {
		return new Timings(sinceStart(this.attempt), sinceStart(this.connected), sinceStart(this.header),
				now - this.start);
	}

	private long sinceStart(long time) {
		return (time != 0) ? time - this.start : Timings.NEVER;
	}

	List<Step> steps() {
		List<Step> steps = new ArrayList<>();
		long[] times = this.times;
		if (times != null) {
			for (Phase phase : PHASES) {
				if ((this.reached & (1 << phase.ordinal())) != 0) {
					steps.add(new Step(phase.tag(), Duration.ofNanos(times[phase.ordinal()] - this.start)));
				}
			}
		}
		milestone(steps, Step.ATTEMPT, this.attempt);
		milestone(steps, Step.CONNECTED, this.connected);
		milestone(steps, Step.HEADER, this.header);
		steps.sort(Comparator.comparing(Step::at));
		return List.copyOf(steps);
	}

	private void milestone(List<Step> steps, String name, long time) {
		if (time != 0) {
			steps.add(new Step(name, Duration.ofNanos(time - this.start)));
		}
	}

}
