package dev.pingora.testkit;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import org.jspecify.annotations.Nullable;

/**
 * Knows every resource of Netty that has not been released, on whichever thread it was
 * made: it follows all of them instead of a sample, and asks no garbage collector.
 * Netty's own {@code LeakPresenceDetector} counts as well, but for the JVM's whole life:
 * after one leak every later test would be blamed.
 *
 * @param <T> the kind of resource
 */
final class CountingLeakDetector<T> extends ResourceLeakDetector<T> {

	private static final Set<Tracker<?>> OPEN = ConcurrentHashMap.newKeySet();

	CountingLeakDetector(Class<?> type) {
		super(type, 1);
	}

	/** What is open and not meant to live for ever. */
	static Stream<Tracker<?>> open() {
		return OPEN.stream().filter((tracker) -> !tracker.allocation.isOfStaticInitializer());
	}

	/** Blames nobody else for it. */
	static void forget(Tracker<?> tracker) {
		OPEN.remove(tracker);
	}

	@Override
	public ResourceLeakTracker<T> track(T resource) {
		return trackForcibly(resource);
	}

	@Override
	public ResourceLeakTracker<T> trackForcibly(T resource) {
		Tracker<T> tracker = new Tracker<>(new Allocation(resource.getClass().getSimpleName()));
		OPEN.add(tracker);
		return tracker;
	}

	@Override
	public boolean isRecordEnabled() {
		return false; // records of each access would slow the engine down
	}

	/** Follows one resource. */
	static final class Tracker<T> implements ResourceLeakTracker<T> {

		private final Allocation allocation;

		private final AtomicBoolean closed = new AtomicBoolean();

		Tracker(Allocation allocation) {
			this.allocation = allocation;
		}

		Allocation allocation() {
			return this.allocation;
		}

		@Override
		public void record() {
			// see isRecordEnabled
		}

		@Override
		public void record(@Nullable Object hint) {
			// see isRecordEnabled
		}

		@Override
		public boolean close(T resource) {
			OPEN.remove(this);
			return this.closed.compareAndSet(false, true); // also if it was forgotten
		}

	}

	/** Where a resource was made; an exception, because a JVM takes its stack cheaply. */
	static final class Allocation extends Exception {

		private static final long serialVersionUID = 1L;

		private static final int SHOWN = 25;

		private final String thread = Thread.currentThread().getName();

		Allocation(String resource) {
			super(resource);
		}

		/** Whether it belongs to a class, as constants do, and thus to no test. */
		boolean isOfStaticInitializer() {
			return Stream.of(getStackTrace()).anyMatch((frame) -> frame.getMethodName().equals("<clinit>"));
		}

		String describe() {
			StringBuilder text = new StringBuilder().append(getMessage())
				.append(" was never released; allocated by thread ")
				.append(this.thread)
				.append(" at");
			Stream.of(getStackTrace())
				.dropWhile((frame) -> frame.getClassName().startsWith(CountingLeakDetector.class.getName()))
				.limit(SHOWN)
				.forEach((frame) -> text.append("\n\t\tat ").append(frame));
			return text.toString();
		}

	}

	/** Makes detectors of this class. */
	static final class Factory extends ResourceLeakDetectorFactory {

		@Override
		public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> type, int interval) {
			return new CountingLeakDetector<>(type);
		}

		@Override
		@Deprecated
		public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> type, int interval, long most) {
			return new CountingLeakDetector<>(type);
		}

	}

}
