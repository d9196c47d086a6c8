package dev.pingora.autoconfigure;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A load balancer with workers that send one request after the other, over connections
 * that they keep until a response says {@code Connection: close}. It asks the instances
 * for their readiness every 50 ms, and retries nothing. Half of the workers send each
 * request to an instance that is ready, as a reverse proxy does; the others choose such
 * an instance only when they connect, as clients behind a balancer of connections do, and
 * take their time between two requests.
 */
final class ProbingBalancer implements AutoCloseable {

	private static final long INTERVAL_NANOS = 50_000_000;

	private final List<Instance> instances = new CopyOnWriteArrayList<>();

	private final List<Thread> threads = new ArrayList<>();

	private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

	private final AtomicLong requests = new AtomicLong();

	private volatile boolean probing = true;

	private volatile boolean ended;

	/**
	 * An application behind the balancer.
	 */
	static final class Instance {

		final ConfigurableApplicationContext context;

		final AtomicLong answers = new AtomicLong();

		private final ApplicationAvailability availability;

		private final int port;

		private volatile boolean ready;

		private Instance(ConfigurableApplicationContext context) {
			this.context = context;
			this.availability = context.getBean(ApplicationAvailability.class);
			this.port = context.getBean(ProxyServer.class).port("http");
		}

		private void probe() {
			this.ready = this.availability.getReadinessState() == ReadinessState.ACCEPTING_TRAFFIC;
		}

	}

	/**
	 * A worker's own connections.
	 */
	private final class Worker implements Runnable {

		private final Map<Instance, RawClient> connections = new HashMap<>();

		private final int number;

		private final boolean faithful;

		private int turn;

		private Worker(int number) {
			this.number = number;
			this.faithful = number % 2 == 1;
			this.turn = number / 2;
		}

		@Override
		public void run() {
			while (!ProbingBalancer.this.ended) {
				Instance instance = choose();
				if (instance != null) {
					Throwable failure = PanicIsolation.capture(() -> ask(instance));
					if (failure != null) {
						ProbingBalancer.this.failures.add(failure);
						drop(instance);
					}
				}
				LockSupport.parkNanos(this.faithful ? 4 * INTERVAL_NANOS : INTERVAL_NANOS / 50);
			}
			this.connections.values().forEach(RawClient::close);
		}

		private @Nullable Instance choose() {
			if (this.faithful && !this.connections.isEmpty()) {
				return this.connections.keySet().iterator().next();
			}
			List<Instance> ready = ProbingBalancer.this.instances.stream().filter((it) -> it.ready).toList();
			return ready.isEmpty() ? null : ready.get(this.turn++ % ready.size());
		}

		private void ask(Instance instance) {
			long id = ProbingBalancer.this.requests.incrementAndGet();
			RawClient client = this.connections.computeIfAbsent(instance, (it) -> RawClient.connect(it.port));
			String expected = switch (this.number % 3) {
				case 0 -> get(client, "/slow?ms=200", "slow");
				case 1 -> get(client, "/hello", "hello");
				default -> post(client, "request " + id + " ".repeat(20_000));
			};
			RawResponse response = client.readResponse();
			if (response.status() != 200 || !response.text().equals(expected)) {
				throw new AssertionError("request " + id + ": " + response);
			}
			instance.answers.incrementAndGet();
			if (response.headers().lists("connection", "close")) {
				drop(instance);
			}
		}

		private String get(RawClient client, String target, String expected) {
			client.get(target);
			return expected;
		}

		private String post(RawClient client, String body) {
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length() + "\r\n\r\n");
			client.send(Octets.latin1(body));
			return body;
		}

		private void drop(Instance instance) {
			RawClient client = this.connections.remove(instance);
			if (client != null) {
				client.close();
			}
		}

	}

	ProbingBalancer(int workers) {
		start("balancer-probe", this::probe);
		for (int i = 0; i < workers; i++) {
			start("balancer-" + i, new Worker(i));
		}
	}

	private void start(String name, Runnable work) {
		Thread thread = new Thread(work, name);
		this.threads.add(thread);
		thread.start();
	}

	private void probe() {
		while (!this.ended) {
			if (this.probing) {
				this.instances.forEach(Instance::probe);
			}
			LockSupport.parkNanos(INTERVAL_NANOS);
		}
	}

	Instance add(ConfigurableApplicationContext context) {
		Instance instance = new Instance(context);
		this.instances.add(instance);
		return instance;
	}

	void remove(Instance instance) {
		this.instances.remove(instance);
	}

	void stopProbing() {
		this.probing = false;
	}

	Queue<Throwable> failures() {
		return this.failures;
	}

	@Override
	public void close() {
		this.ended = true;
		Await.until("the workers' end", () -> this.threads.stream().noneMatch(Thread::isAlive));
	}

}
