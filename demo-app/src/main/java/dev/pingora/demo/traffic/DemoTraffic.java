package dev.pingora.demo.traffic;

import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.server.ProxyServer;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Bystanders: clients on a few kept connections that call the gateway's own port at a
 * steady rate, {@code demo.traffic.rate} requests a second (50), and compare each answer
 * with what they expect. They begin when the gateway is up, and have ended before it is
 * drained. {@code demo.traffic.enabled=false} leaves them out; so does the absence of the
 * servers that they expect behind the gateway.
 */
@Component
@ConditionalOnBooleanProperty(name = { "demo.traffic.enabled", "demo.origins.enabled" }, matchIfMissing = true)
public final class DemoTraffic implements SmartLifecycle {

	private static final int MAX_RATE = 10_000;

	private static final int FASTEST = 15;

	private static final int MAX_CONNECTIONS = 16;

	private static final long PATIENCE_MILLIS = 6000;

	// Not the server itself: this bean must not decide when that one is made.
	private final ObjectProvider<ProxyServer> server;

	private final PanicIsolation isolation;

	private final int rate;

	private final TrafficCounts counts = new TrafficCounts();

	// Guarded by this object's lock.

	private List<Thread> threads = List.of();

	private CountDownLatch stop = new CountDownLatch(1);

	DemoTraffic(ObjectProvider<ProxyServer> server, PanicIsolation isolation,
			@Value("${demo.traffic.rate:50}") int rate) {
		if (rate < 1 || rate > MAX_RATE) {
			throw new IllegalArgumentException("demo.traffic.rate: " + rate + " (expected: 1.." + MAX_RATE + ")");
		}
		this.server = server;
		this.isolation = isolation;
		this.rate = rate;
	}

	/**
	 * Returns what the bystanders have seen.
	 * @return the counts, which go on
	 */
	public TrafficCounts counts() {
		return this.counts;
	}

	/**
	 * Returns how often the bystanders call.
	 * @return requests a second, of all of them together, at most
	 */
	public int rate() {
		return this.rate;
	}

	/**
	 * Returns how many bystanders there are.
	 * @return the number of connections
	 */
	public int connections() {
		return Math.min((this.rate + FASTEST - 1) / FASTEST, MAX_CONNECTIONS);
	}

	@Override
	public synchronized void start() {
		InetSocketAddress gateway = gateway();
		long interval = TimeUnit.SECONDS.toNanos(1) * connections() / this.rate;
		CountDownLatch stop = new CountDownLatch(1);
		List<Thread> started = new ArrayList<>();
		for (int i = 1; i <= connections(); i++) {
			Bystander bystander = new Bystander(gateway, interval, this.counts, stop);
			Thread thread = new Thread(this.isolation.isolating("bystander", bystander), "demo-bystander-" + i);
			thread.setDaemon(true);
			thread.start();
			started.add(thread);
		}
		this.stop = stop;
		this.threads = started;
	}

	private InetSocketAddress gateway() {
		try {
			return GatewayAddress.of(this.server.getObject());
		}
		catch (UnknownHostException unknown) {
			throw new IllegalStateException(unknown);
		}
	}

	// Requests under way are not cut off.
	@Override
	public synchronized void stop() {
		this.stop.countDown();
		long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
		try {
			for (Thread thread : this.threads) {
				thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
			}
		}
		catch (InterruptedException told) {
			Thread.currentThread().interrupt();
		}
		this.threads = List.of();
	}

	@Override
	public synchronized boolean isRunning() {
		return !this.threads.isEmpty();
	}

	// The gateway starts earlier and stops later: 1024 below.
	@Override
	public int getPhase() {
		return DEFAULT_PHASE;
	}

}
