package dev.pingora.accesslog;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RejectedRequest;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.Supervision;
import io.netty.util.internal.PlatformDependent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a line for each request, however it ended, and for each that never began.
 *
 * <pre>{@code
 * PanicIsolation isolation = new PanicIsolation(List.of());
 * AccessLog log = AccessLog.open(AccessLogOptions.defaults().withPath(path), isolation);
 * ProxyServer.builder().isolation(isolation).proxyListener(log) ...
 * }</pre>
 *
 * On the event loop it only reads what the format needs and puts it into a bounded queue;
 * it neither waits nor wakes anybody. The thread {@code pingora-access-log} looks at the
 * queue several times a second, makes lines and writes them. If the queue is full the
 * line is {@linkplain #dropped() dropped and counted}. Close it after the server.
 */
public final class AccessLog implements ProxyListener, AutoCloseable {

	static final String NAME = "access-log";

	private static final Logger logger = LoggerFactory.getLogger(AccessLog.class);

	// So often that 320,000 lines a second fit into a queue of any size.
	private static final int LINES_PER_MILLI = 320;

	private static final int LONGEST_PAUSE_MILLIS = 50;

	private final Capture capture;

	private final Queue<Entry> queue;

	private final LineWriter writer;

	private final PanicIsolation isolation;

	private final ScheduledThreadPoolExecutor thread;

	private final Supervision supervision;

	private final Duration closeTimeout;

	private volatile boolean closed;

	private AccessLog(AccessLogOptions options, Sink sink, PanicIsolation isolation) {
		this.capture = new Capture(options.format(), options.query());
		this.queue = PlatformDependent.newFixedMpscQueue(options.queueCapacity());
		this.writer = new LineWriter(this.queue, this.capture, options.format(), sink, isolation);
		this.isolation = isolation;
		this.closeTimeout = options.closeTimeout();
		this.thread = new ScheduledThreadPoolExecutor(1, AccessLog::thread);
		int pause = Math.max(1, Math.min(LONGEST_PAUSE_MILLIS, options.queueCapacity() / LINES_PER_MILLI));
		this.supervision = isolation.supervise(NAME, this.thread, Duration.ofMillis(pause), this.writer::run);
	}

	private static Thread thread(Runnable runnable) {
		Thread thread = new Thread(runnable, "pingora-" + NAME);
		thread.setDaemon(true);
		return thread;
	}

	/**
	 * Opens the file, and starts the thread that writes to it. The directories above the
	 * file are made if they aren't there.
	 * @param options what is written, and where
	 * @param isolation the border, which counts panics of the writer; the server's own
	 * @return the log
	 * @throws AccessLogOpenException if the file can't be opened
	 */
	public static AccessLog open(AccessLogOptions options, PanicIsolation isolation) {
		Sink sink = sink(options.path());
		logger.info("The access log goes to {}", sink);
		return new AccessLog(options, sink, isolation);
	}

	private static Sink sink(@Nullable Path path) {
		if (path == null) {
			return new StandardOutput();
		}
		try {
			return LogFile.at(path);
		}
		catch (IOException failure) {
			throw new AccessLogOpenException(path, failure);
		}
	}

	@Override
	public void requestFinished(FinishedRequest request) {
		offer(this.capture.of(request));
	}

	@Override
	public void requestRejected(RejectedRequest request) {
		offer(this.capture.of(request));
	}

	private void offer(Entry entry) {
		if (this.closed || !this.queue.offer(entry)) {
			this.writer.drop();
		}
	}

	/**
	 * Returns how many lines were written.
	 * @return the number of lines since the start
	 */
	public long written() {
		return this.writer.written();
	}

	/**
	 * Returns how many lines were lost: the queue was full, their making panicked, or
	 * they could not be written before the end.
	 * @return the number of lines since the start
	 */
	public long dropped() {
		return this.writer.dropped();
	}

	/**
	 * Writes what waits, for as long as the options allow, and closes the file. Lines of
	 * requests that end later are dropped.
	 */
	@Override
	public synchronized void close() {
		if (this.closed) {
			return;
		}
		this.closed = true;
		boolean interrupted = Thread.interrupted(); // the waiting is short anyway
		try {
			end();
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private void end() {
		this.supervision.stop();
		Future<?> last = this.thread.submit(this.isolation.isolating(NAME, this.writer::finish));
		boolean finished = awaitLast(last);
		this.thread.shutdownNow(); // interrupts a write that hangs
		if (!finished && awaitThread()) {
			this.writer.close();
		}
	}

	private boolean awaitLast(Future<?> last) {
		try {
			last.get(this.closeTimeout.toNanos(), TimeUnit.NANOSECONDS);
			return true;
		}
		catch (InterruptedException interrupted) {
			Thread.currentThread().interrupt();
			return false;
		}
		catch (TimeoutException | ExecutionException late) {
			return false;
		}
	}

	private boolean awaitThread() {
		try {
			return this.thread.awaitTermination(1, TimeUnit.SECONDS);
		}
		catch (InterruptedException interrupted) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

}
