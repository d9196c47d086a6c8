package dev.pingora.server;

import java.util.concurrent.CountDownLatch;

import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;

/**
 * A filter that holds the event loop of whoever asks for {@value #TARGET}, as no filter
 * may, until it is told to go on.
 */
final class HeldLoop implements ProxyFilter {

	static final String TARGET = "/hello?held";

	private final CountDownLatch held = new CountDownLatch(1);

	private final CountDownLatch release = new CountDownLatch(1);

	@Override
	public Outcome requestFilter(Session session) {
		if (session.request().target().equals(TARGET)) {
			this.held.countDown();
			Await.until("release", () -> !isHeld());
		}
		return Outcome.CONTINUE;
	}

	void await() {
		Await.until("it is held", () -> this.held.getCount() == 0);
	}

	boolean isHeld() {
		return this.release.getCount() > 0;
	}

	void release() {
		this.release.countDown();
	}

}
