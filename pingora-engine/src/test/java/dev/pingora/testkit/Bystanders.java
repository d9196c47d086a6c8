package dev.pingora.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * Many keep-alive clients that must not notice what happens to another one: each asks for
 * one body after the other, every body differs from every other one, and is compared
 * octet by octet. Anything else than the right answer is an error: a status, a closed
 * connection, an octet too many.
 * <p>
 * One thread drives them all. The target must answer as {@link RawOrigin} does at
 * {@code /bytes}.
 */
public final class Bystanders implements AutoCloseable {

	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

	private final Selector selector;

	private final List<Bystander> bystanders = new ArrayList<>();

	private final ArrayDeque<Bystander> pausing = new ArrayDeque<>();

	private final Thread thread;

	private volatile boolean stopped;

	private volatile @Nullable Throwable failure;

	private Bystanders(Plan plan, int connections) throws IOException {
		this.selector = Selector.open();
		for (int number = 1; number <= connections; number++) {
			this.bystanders.add(new Bystander(number, plan, this.selector));
		}
		this.thread = new Thread(this::drive, "bystanders");
		this.thread.setDaemon(true);
		this.thread.setUncaughtExceptionHandler((failed, thrown) -> this.failure = thrown);
	}

	/**
	 * Starts clients of a port of this host, with small bodies, and waits until each had
	 * an answer.
	 * @param port the port
	 * @param connections how many
	 * @return the running clients
	 */
	public static Bystanders start(int port, int connections) {
		return start(Plan.to(port), connections);
	}

	/**
	 * Starts clients and waits until each had an answer.
	 * @param plan what they ask for
	 * @param connections how many
	 * @return the running clients
	 * @throws AssertionError if one has none
	 */
	public static Bystanders start(Plan plan, int connections) {
		Bystanders started = null;
		boolean ready = false;
		try {
			started = new Bystanders(plan, connections);
			started.thread.start();
			started.awaitProgress(1);
			ready = true;
			return started;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			if (!ready && started != null) {
				started.stop();
			}
		}
	}

	/**
	 * Waits until each client has made a number of requests that it began after this
	 * call, {@link Await#PATIENCE} at most.
	 * @param requests how many each
	 * @throws AssertionError if one makes less, or has met with any error ever
	 */
	public void awaitProgress(int requests) {
		awaitProgress(requests, Await.PATIENCE);
	}

	/**
	 * Waits until each client has made a number of requests that it began after this
	 * call.
	 * @param requests how many each
	 * @param patience how long at most
	 * @throws AssertionError if one makes less, or has met with any error ever
	 */
	public void awaitProgress(int requests, Duration patience) {
		List<Long> before = completed(); // the one that was under way doesn't count
		boolean done = Await.poll(patience, () -> !errors().isEmpty() || slowest(before) > requests);
		assertUndisturbed();
		if (!done) {
			List<Long> now = completed();
			List<String> late = new ArrayList<>();
			for (int i = 0; i < now.size(); i++) {
				if (now.get(i) - before.get(i) <= requests) {
					late.add((i + 1) + " made " + Math.max(now.get(i) - before.get(i) - 1, 0));
				}
			}
			throw new AssertionError("Not within " + patience.toMillis() + " ms: " + requests
					+ " more requests of each bystander; late are " + late.size() + ": " + late);
		}
	}

	private long slowest(List<Long> before) {
		long slowest = Long.MAX_VALUE;
		for (int i = 0; i < before.size(); i++) {
			slowest = Math.min(slowest, this.bystanders.get(i).completed() - before.get(i));
		}
		return slowest;
	}

	/**
	 * Checks that nobody has met with an error.
	 * @throws AssertionError if somebody has
	 */
	public void assertUndisturbed() {
		List<String> errors = errors();
		if (!errors.isEmpty()) {
			throw new AssertionError(errors.size() + " of " + this.bystanders.size() + " bystanders were disturbed: "
					+ errors.subList(0, Math.min(errors.size(), 10)));
		}
	}

	/**
	 * Returns the requests that were answered correctly.
	 * @return the number for each client
	 */
	public List<Long> completed() {
		return this.bystanders.stream().map(Bystander::completed).toList();
	}

	/**
	 * Returns the requests that were answered correctly.
	 * @return the number for all clients
	 */
	public long total() {
		return this.bystanders.stream().mapToLong(Bystander::completed).sum();
	}

	/**
	 * Returns what went wrong: at most one error for each client, which then does no
	 * more.
	 * @return the errors in words
	 */
	public List<String> errors() {
		List<String> errors = new ArrayList<>(
				this.bystanders.stream().map(Bystander::error).filter(Objects::nonNull).toList());
		if (this.failure != null) {
			errors.add("the driving thread: " + this.failure);
		}
		return errors;
	}

	/**
	 * Stops the clients, and checks once more that they were not disturbed.
	 */
	@Override
	public void close() {
		stop();
		assertUndisturbed();
	}

	private void stop() {
		this.stopped = true;
		this.selector.wakeup();
		Await.until("the end of the bystanders' thread", () -> !this.thread.isAlive());
	}

	private void drive() {
		try (Selector closing = this.selector) {
			ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
			while (!this.stopped) {
				closing.select(this.pausing.isEmpty() ? 100 : 1);
				for (SelectionKey key : closing.selectedKeys()) {
					Bystander bystander = (Bystander) Objects.requireNonNull(key.attachment());
					if (key.isValid() && bystander.ready(buffer)) {
						bystander.pauseUntil(System.nanoTime() + PAUSE);
						this.pausing.add(bystander);
					}
				}
				closing.selectedKeys().clear();
				sendWhatIsDue();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			this.bystanders.forEach(Bystander::close);
		}
	}

	private void sendWhatIsDue() {
		long now = System.nanoTime();
		while (!this.pausing.isEmpty() && this.pausing.element().due() - now <= 0) {
			Bystander bystander = this.pausing.remove();
			bystander.clearPause();
			bystander.nextRequest();
		}
	}

	/**
	 * What bystanders ask for.
	 *
	 * @param host the host to connect to
	 * @param port the port to connect to
	 * @param hostHeader the value of Host
	 * @param path the path, to which the query is added
	 * @param size the length of each body in octets
	 */
	public record Plan(String host, int port, String hostHeader, String path, int size) {

		/**
		 * Asks a port of this host for bodies of 1 KiB at {@code /bytes}.
		 * @param port the port
		 * @return the plan
		 */
		public static Plan to(int port) {
			return new Plan("127.0.0.1", port, "bystander.example", "/bytes", 1024);
		}

		/**
		 * Asks with another path and length.
		 * @param path the path
		 * @param size the length of each body in octets
		 * @return the changed plan
		 */
		public Plan asking(String path, int size) {
			return new Plan(this.host, this.port, this.hostHeader, path, size);
		}

	}

}
