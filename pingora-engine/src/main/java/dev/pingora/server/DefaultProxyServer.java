package dev.pingora.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import dev.pingora.connector.PoolStatus;
import dev.pingora.connector.PooledConnector;
import dev.pingora.limits.Durations;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.ShutdownStage;
import dev.pingora.protocol.h1.H1ServerConnection;
import dev.pingora.proxy.internal.ProxyEngine;
import dev.pingora.transport.EventLoops;
import dev.pingora.watchdog.Watchdog;
import dev.pingora.watchdog.WatchdogStatus;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server: what is made at the start, in order, is closed at the end, in reverse.
 */
final class DefaultProxyServer implements ProxyServer {

	private static final Logger logger = LoggerFactory.getLogger(ProxyServer.class);

	private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

	// For the answers to requests that are cut short.
	private static final long LAST_WORDS_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	private final ServerSettings settings;

	private final PanicIsolation isolation;

	private final boolean ownsIsolation;

	private final @Nullable BlockingExecutor ownExecutor;

	private final Connections connections = new Connections();

	// Guarded by this; read by anybody.

	private volatile State state = State.NEW;

	private volatile List<Listener> listeners = List.of();

	private volatile @Nullable Runtime runtime;

	private enum State {

		NEW, STARTING, RUNNING, DRAINING, CLOSED

	}

	/**
	 * What lives while the server runs.
	 *
	 * @param loops the event loops
	 * @param connector obtains upstream sessions
	 * @param engine serves requests
	 * @param watchdog looks at the loops, or {@code null} if it is off
	 */
	private record Runtime(EventLoops loops, PooledConnector connector, ProxyEngine engine,
			@Nullable Watchdog watchdog) {
	}

	DefaultProxyServer(ServerSettings settings) {
		this.settings = settings;
		PanicIsolation shared = settings.isolation();
		this.ownsIsolation = shared == null;
		this.isolation = (shared != null) ? shared : new PanicIsolation(List.of());
		this.ownExecutor = (settings.executor() == null) ? new BlockingExecutor() : null;
	}

	@Override
	public synchronized ProxyServer start() {
		if (this.state != State.NEW) {
			throw new IllegalStateException("the server was started before");
		}
		EventLoops loops = EventLoops.start(this.settings.transport(), this.settings.threads());
		this.state = State.STARTING;
		boolean started = false;
		try {
			this.listeners = bind(run(loops));
			this.listeners.forEach(Listener::open);
			this.state = State.RUNNING;
			started = true;
		}
		finally {
			if (!started) {
				close();
				loops.close(); // again, unless nothing else was made
			}
		}
		return this;
	}

	private Runtime run(EventLoops loops) {
		PooledConnector connector = new PooledConnector(loops, this.isolation,
				new PooledConnector.Settings(this.settings.pool(), this.settings.dns(), this.settings.upstreamLoop()));
		Runtime runtime = new Runtime(loops, connector, engine(loops, connector), startWatchdog(loops));
		this.runtime = runtime;
		return runtime;
	}

	private ProxyEngine engine(EventLoops loops, PooledConnector connector) {
		RetryOptions retries = this.settings.retries();
		Executor executor = this.settings.executor();
		return new ProxyEngine(new ProxyEngine.Parts(this.settings.router(), connector, this.isolation,
				(executor != null) ? executor : Objects.requireNonNull(this.ownExecutor), this.settings.observers(),
				this.settings.panicResponse(),
				new ProxyEngine.RetryLimits(retries.max(), retries.budget().toNanos(), retries.maxReplaySize()),
				this.settings.summaryHeaders(), loops, this.settings.downstream().upgrade()));
	}

	private @Nullable Watchdog startWatchdog(EventLoops loops) {
		if (!this.settings.watchdog().isOn()) {
			return null;
		}
		Watchdog watchdog = new Watchdog(this.settings.watchdog(), loops.watches(), this.settings.observers(),
				this.isolation);
		watchdog.start();
		return watchdog;
	}

	private List<Listener> bind(Runtime runtime) {
		List<Listener> bound = new ArrayList<>();
		boolean all = false;
		try {
			for (ListenerOptions options : this.settings.listeners()) {
				Listener listener = new Listener(options, runtime.loops(), this.isolation, this.connections,
						(closed) -> new H1ServerConnection(this.settings.downstream(), runtime.engine(), this.isolation,
								closed));
				bound.add(listener);
				BoundListener description = listener.describe();
				logger.info("Listener {} accepts at {}", description.name(), description);
			}
			all = true;
			return List.copyOf(bound);
		}
		finally {
			if (!all) {
				step(() -> await(bound.stream().map(Listener::close).toList()));
			}
		}
	}

	@Override
	public boolean isRunning() {
		return this.state == State.RUNNING;
	}

	@Override
	public List<BoundListener> listeners() {
		return isRunning() ? this.listeners.stream().map(Listener::describe).toList() : List.of();
	}

	@Override
	public int port(String listener) {
		return listeners().stream()
			.filter((bound) -> bound.name().equals(listener) && bound.port() != 0)
			.mapToInt(BoundListener::port)
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException(
					"listener: " + listener + " (expected: one that is bound to a port)"));
	}

	@Override
	public int activeRequests() {
		Runtime runtime = this.runtime;
		return (runtime != null) ? runtime.engine().activeRequests() : 0;
	}

	@Override
	public int activeTunnels() {
		Runtime runtime = this.runtime;
		return (runtime != null) ? runtime.engine().activeTunnels() : 0;
	}

	/**
	 * Returns how many permits for upstream connections are taken.
	 * @return the number of connections in use, idle or being made
	 */
	int upstreamConnections() {
		Runtime runtime = this.runtime;
		return (runtime != null) ? runtime.connector().connections() : 0;
	}

	@Override
	public List<PoolStatus> pools() {
		Runtime runtime = this.runtime;
		return (runtime != null) ? runtime.connector().pools() : List.of();
	}

	@Override
	public @Nullable ExecutorStatus executor() {
		Executor executor = (this.ownExecutor != null) ? this.ownExecutor : this.settings.executor();
		return (executor instanceof MeasuredExecutor measured) ? measured.status() : null;
	}

	@Override
	public String transport() {
		Runtime runtime = this.runtime;
		return (runtime != null) ? runtime.loops().description() : "none (not started)";
	}

	@Override
	public ServerDescription description() {
		int threads = this.settings.threads();
		return new ServerDescription((threads > 0) ? threads : java.lang.Runtime.getRuntime().availableProcessors(),
				this.settings.transport(), this.settings.listeners(), this.settings.downstream(),
				this.settings.retries(), this.settings.panicResponse(), this.settings.router(), this.settings.pool(),
				this.settings.dns());
	}

	@Override
	public PanicIsolation isolation() {
		return this.isolation;
	}

	@Override
	public WatchdogStatus watchdog() {
		Runtime runtime = this.runtime;
		Watchdog watchdog = (runtime != null) ? runtime.watchdog() : null;
		return (watchdog != null) ? watchdog.status() : WatchdogStatus.off();
	}

	@Override
	public synchronized void quiesce() {
		if (this.state == State.RUNNING) {
			this.connections.shutDown(ShutdownStage.QUIESCED);
		}
	}

	@Override
	public int drain(Duration grace) {
		Duration patience = (grace.compareTo(Durations.MOST) < 0) ? grace : Durations.MOST;
		long deadline = System.nanoTime() + patience.toNanos();
		synchronized (this) {
			if (this.state != State.RUNNING) {
				return 0;
			}
			this.state = State.DRAINING;
			this.connections.shutDown(ShutdownStage.QUIESCED);
			await(this.listeners.stream().map(Listener::drain).toList());
			runtime().loops().awaitTurn(PATIENCE_NANOS); // who was accepted is added
			this.connections.shutDown(ShutdownStage.DRAINING);
		}
		boolean finished = this.connections.awaitEmpty(deadline - System.nanoTime());
		int aborted = finished ? 0 : activeRequests();
		if (aborted > 0) {
			logger.warn("{} requests did not finish within {} and are aborted", aborted, grace);
		}
		close();
		return aborted;
	}

	@Override
	public synchronized void close() {
		if (this.state == State.CLOSED) {
			return;
		}
		this.state = State.CLOSED;
		boolean interrupted = Thread.interrupted(); // all waiting is short from here on
		try {
			end();
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	// Each step is made whatever becomes of the others.
	private void end() {
		step(() -> await(this.listeners.stream().map(Listener::close).toList()));
		step(this::endConnections);
		Runtime runtime = this.runtime;
		if (runtime != null) {
			step(runtime.connector()::close);
			step(runtime.loops()::close);
			Watchdog watchdog = runtime.watchdog();
			if (watchdog != null) { // last, since it names what keeps a loop from ending
				step(watchdog::close);
			}
		}
		if (this.ownExecutor != null) {
			step(this.ownExecutor::close);
		}
		if (this.ownsIsolation) {
			this.isolation.close();
		}
	}

	private void step(Runnable step) {
		this.isolation.observe(PanicSite.of(PanicSite.ENGINE, "close"), step, Runnable::run);
	}

	private void endConnections() {
		this.connections.shutDown(ShutdownStage.EXPIRED);
		if (!this.connections.awaitEmpty(LAST_WORDS_NANOS)) {
			this.connections.shutDown(ShutdownStage.ABORTED);
			this.connections.awaitEmpty(PATIENCE_NANOS);
		}
	}

	private Runtime runtime() {
		return Objects.requireNonNull(this.runtime, "not started");
	}

	// A loop that user code holds must not hold the end up for good.
	private static void await(List<? extends Future<?>> closed) {
		long deadline = System.nanoTime() + PATIENCE_NANOS;
		for (Future<?> future : closed) {
			future.awaitUninterruptibly(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
		}
	}

}
