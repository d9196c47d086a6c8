package dev.pingora.server;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

import org.jspecify.annotations.Nullable;

/**
 * The engine's own executor for blocking phases: a virtual thread for each call on Java
 * 21 and later, a bounded pool with a bounded queue before. What it can't take it rejects
 * at once; its caller is an event loop.
 */
final class BlockingExecutor implements MeasuredExecutor, AutoCloseable {

	private static final int MAX_CALLS = 4096;

	private static final int POOL_SIZE = 64;

	private static final int QUEUE_CAPACITY = 1024;

	private final @Nullable ThreadFactory virtualThreads = virtualThreads();

	private final Semaphore permits = new Semaphore(MAX_CALLS);

	private final LongAdder rejected = new LongAdder();

	private final @Nullable ThreadPoolExecutor pool = (this.virtualThreads == null) ? pool() : null;

	private volatile boolean closed;

	@Override
	public void execute(Runnable call) {
		ThreadPoolExecutor pool = this.pool;
		if (pool != null) {
			pool.execute(call);
			return;
		}
		if (this.closed || !this.permits.tryAcquire()) {
			this.rejected.increment();
			throw new RejectedExecutionException("calls: " + MAX_CALLS + " (expected: fewer at once)");
		}
		boolean started = false;
		try {
			startVirtual(call);
			started = true;
		}
		finally {
			if (!started) {
				this.permits.release();
			}
		}
	}

	private void startVirtual(Runnable call) {
		ThreadFactory factory = this.virtualThreads;
		if (factory != null) {
			factory.newThread(() -> {
				try {
					call.run();
				}
				finally {
					this.permits.release();
				}
			}).start();
		}
	}

	// Thread.ofVirtual() by reflection: the code is compiled for Java 17.
	private static @Nullable ThreadFactory virtualThreads() {
		if (Runtime.version().feature() < 21) {
			return null;
		}
		try {
			Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
			Class<?> type = Class.forName("java.lang.Thread$Builder");
			Method name = type.getMethod("name", String.class, long.class);
			Object named = name.invoke(builder, "pingora-blocking-", 0L);
			return (ThreadFactory) type.getMethod("factory").invoke(named);
		}
		catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException
				| ClassNotFoundException absent) {
			return null;
		}
	}

	private ThreadPoolExecutor pool() {
		AtomicLong number = new AtomicLong();
		ThreadPoolExecutor pool = new ThreadPoolExecutor(POOL_SIZE, POOL_SIZE, 30, TimeUnit.SECONDS,
				new ArrayBlockingQueue<>(QUEUE_CAPACITY), (call) -> {
					Thread thread = new Thread(call, "pingora-blocking-" + number.getAndIncrement());
					thread.setDaemon(true);
					return thread;
				}, (call, full) -> {
					this.rejected.increment();
					throw new RejectedExecutionException(
							"calls: " + (POOL_SIZE + QUEUE_CAPACITY) + " (expected: fewer at once)");
				});
		pool.allowCoreThreadTimeOut(true);
		return pool;
	}

	@Override
	public ExecutorStatus status() {
		ThreadPoolExecutor pool = this.pool;
		if (pool != null) {
			return new ExecutorStatus("platform", pool.getActiveCount(), pool.getQueue().size(),
					POOL_SIZE + QUEUE_CAPACITY, this.rejected.sum());
		}
		return new ExecutorStatus("virtual", MAX_CALLS - this.permits.availablePermits(), 0, MAX_CALLS,
				this.rejected.sum());
	}

	@Override
	public void close() {
		this.closed = true;
		if (this.pool != null) {
			this.pool.shutdown();
		}
	}

}
