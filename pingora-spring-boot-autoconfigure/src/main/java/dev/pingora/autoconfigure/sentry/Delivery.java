package dev.pingora.autoconfigure.sentry;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.sentry.hints.SubmissionResult;

/**
 * Goes with an event through the SDK, marks it as ours, and is told what became of it.
 */
final class Delivery implements SubmissionResult {

	private final CountDownLatch told = new CountDownLatch(1);

	private volatile boolean success;

	@Override
	public void setResult(boolean success) {
		this.success = success;
		this.told.countDown();
	}

	@Override
	public boolean isSuccess() {
		return this.success;
	}

	/**
	 * Waits for the result.
	 * @param millis how long
	 * @return whether Sentry has the event; {@code false} too if nobody knows in time
	 * @throws InterruptedException if the thread was interrupted
	 */
	boolean await(long millis) throws InterruptedException {
		return this.told.await(millis, TimeUnit.MILLISECONDS) && this.success;
	}

}
