package dev.pingora.balancing;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Weighted round-robin by a schedule that is computed once: choosing is one increment and
 * one array access. The schedule is nginx's smooth one, so that a heavy backend's turns
 * are spread and not in a row; weights of 5, 1, 1 give A A B A C A A.
 */
final class RoundRobinSelection implements Selection {

	private final Backend[] schedule;

	private final AtomicInteger turn = new AtomicInteger();

	RoundRobinSelection(List<Backend> backends) {
		this.schedule = schedule(backends);
	}

	private static Backend[] schedule(List<Backend> backends) {
		int divisor = backends.stream().mapToInt(Backend::weight).reduce(0, RoundRobinSelection::gcd);
		int[] weights = backends.stream().mapToInt((backend) -> backend.weight() / divisor).toArray();
		int total = Arrays.stream(weights).sum();
		int[] current = new int[weights.length];
		Backend[] schedule = new Backend[total];
		for (int slot = 0; slot < total; slot++) {
			int best = 0;
			for (int i = 0; i < weights.length; i++) {
				current[i] += weights[i];
				best = (current[i] > current[best]) ? i : best;
			}
			current[best] -= total;
			schedule[slot] = backends.get(best);
		}
		return schedule;
	}

	private static int gcd(int a, int b) {
		return (b == 0) ? a : gcd(b, a % b);
	}

	@Override
	public Backend select(long hash, int attempt) {
		return this.schedule[Integer.remainderUnsigned(this.turn.getAndIncrement(), this.schedule.length)];
	}

}
