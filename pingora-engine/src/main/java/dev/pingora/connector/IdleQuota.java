package dev.pingora.connector;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bound on idle connections over all event loops. Half of it is divided among the loops
 * for good, so that none starves; the other half is a reserve from which loops take, and
 * give back, some at a time. So the bound holds exactly, and a loop that keeps to its
 * share touches nothing that others write. Used by all loops.
 */
final class IdleQuota {

	private static final int MAX_CHUNK = 16;

	private final int share;

	private final int chunk;

	private final AtomicInteger reserve;

	IdleQuota(int bound, int loops) {
		this.share = (loops == 1) ? bound : bound / (2 * loops);
		int reserve = bound - this.share * loops;
		this.chunk = Math.max(1, Math.min(MAX_CHUNK, reserve / (4 * loops)));
		this.reserve = new AtomicInteger(reserve);
	}

	/**
	 * Makes a loop's part.
	 * @return what the loop may keep
	 */
	Allowance allowance() {
		return new Allowance(this);
	}

	private int take() {
		int left = this.reserve.get();
		while (left > 0) {
			int taken = Math.min(left, this.chunk);
			if (this.reserve.compareAndSet(left, left - taken)) {
				return taken;
			}
			left = this.reserve.get();
		}
		return 0;
	}

	/**
	 * What one loop may keep. Owned by the loop.
	 */
	static final class Allowance {

		private final IdleQuota quota;

		private int granted;

		private Allowance(IdleQuota quota) {
			this.quota = quota;
			this.granted = quota.share;
		}

		/**
		 * Returns whether the loop may keep so many, for which it takes from the reserve
		 * if it must.
		 * @param idle how many
		 * @return whether it may
		 */
		boolean covers(int idle) {
			if (idle > this.granted) {
				this.granted += this.quota.take();
			}
			return idle <= this.granted;
		}

		/**
		 * Gives back what is not needed.
		 * @param idle how many the loop keeps
		 */
		void shrink(int idle) {
			int spare = this.granted - Math.max(this.quota.share, idle);
			if (spare > 0) {
				this.granted -= spare;
				this.quota.reserve.addAndGet(spare);
			}
		}

	}

}
