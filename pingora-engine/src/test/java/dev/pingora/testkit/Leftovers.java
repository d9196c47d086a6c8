package dev.pingora.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.internal.logging.InternalLoggerFactory;

/**
 * What a piece of work leaves behind: buffers, sockets and files, threads, and complaints
 * in Netty's log. Counts what the whole JVM holds, so nothing else may be at work.
 * Everything is reported once.
 */
public final class Leftovers {

	private static final int SHOWN = 10;

	private static final int SHOWN_FRAMES = 12;

	private static final Set<Thread> REPORTED_THREADS = Collections
		.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	private static final Set<String> REPORTED_DESCRIPTORS = ConcurrentHashMap.newKeySet();

	private final Set<CountingLeakDetector.Tracker<?>> buffersBefore;

	private final Set<String> descriptorsBefore;

	private final Set<Thread> threadsBefore;

	private final Set<NettyLog.Message> messagesBefore;

	private Leftovers() {
		this.buffersBefore = CountingLeakDetector.open().collect(Collectors.toSet());
		this.descriptorsBefore = Descriptors.open().keySet();
		this.threadsBefore = threads().collect(Collectors.toSet());
		this.messagesBefore = Set.copyOf(NettyLog.heard());
	}

	/**
	 * Looks at what is there before the work.
	 * @return the state
	 * @throws IllegalStateException if Netty was in use before the kit was installed
	 */
	public static Leftovers begin() {
		KitInstallation.install();
		if (!countsBuffers() || !(InternalLoggerFactory.getDefaultFactory() instanceof NettyLog)) {
			throw new IllegalStateException("Netty was in use before the test kit was installed (expected: "
					+ KitInstallation.class.getName() + " among the services of type LauncherSessionListener)");
		}
		return new Leftovers();
	}

	private static boolean countsBuffers() {
		Set<CountingLeakDetector.Tracker<?>> before = CountingLeakDetector.open().collect(Collectors.toSet());
		ByteBuf probe = ByteBufAllocator.DEFAULT.directBuffer(1);
		try {
			return CountingLeakDetector.open().anyMatch((tracker) -> !before.contains(tracker));
		}
		finally {
			probe.release();
		}
	}

	/**
	 * Waits until nothing is left: things close asynchronously.
	 * @param patience how long at most
	 * @throws AssertionError if something is left, with where it came from
	 */
	public void assertNone(Duration patience) {
		Await.poll(patience,
				() -> buffers().findAny().isEmpty() && descriptors().isEmpty() && newThreads().findAny().isEmpty());
		List<String> found = report();
		if (!found.isEmpty()) {
			throw new AssertionError("Left behind:\n\t" + String.join("\n\t", found));
		}
	}

	private List<String> report() {
		List<String> found = new ArrayList<>();
		List<CountingLeakDetector.Tracker<?>> buffers = buffers().toList();
		buffers.stream()
			.collect(Collectors.groupingBy((tracker) -> tracker.allocation().describe(), Collectors.counting()))
			.forEach((what, count) -> found.add(count + " x " + what));
		buffers.forEach(CountingLeakDetector::forget);
		descriptors().forEach((name, link) -> {
			found.add(Descriptors.describe(link));
			REPORTED_DESCRIPTORS.add(name);
		});
		newThreads().toList().forEach((thread) -> {
			found.add(describe(thread));
			REPORTED_THREADS.add(thread);
		});
		NettyLog.heard().stream().filter((message) -> !this.messagesBefore.contains(message)).forEach((message) -> {
			found.add(message.text());
			NettyLog.forget(message);
		});
		int more = found.size() - SHOWN;
		if (more > 0) {
			found.subList(SHOWN, found.size()).clear();
			found.add("and " + more + " more");
		}
		return found;
	}

	private Stream<CountingLeakDetector.Tracker<?>> buffers() {
		return CountingLeakDetector.open().filter((tracker) -> !this.buffersBefore.contains(tracker));
	}

	private Map<String, String> descriptors() {
		Map<String, String> open = new TreeMap<>(Descriptors.open());
		open.keySet().removeAll(this.descriptorsBefore);
		open.keySet().removeAll(REPORTED_DESCRIPTORS);
		open.values().removeIf(Descriptors::isOfTheJvm);
		return open;
	}

	private Stream<Thread> newThreads() {
		return threads().filter((thread) -> !this.threadsBefore.contains(thread) && !REPORTED_THREADS.contains(thread));
	}

	// Netty's global executor belongs to nobody, and ends when it has nothing to do.
	private static Stream<Thread> threads() {
		ThreadGroup group = Thread.currentThread().getThreadGroup();
		while (group.getParent() != null) {
			group = group.getParent();
		}
		Thread[] threads = new Thread[group.activeCount() * 2 + 64];
		int count = group.enumerate(threads);
		return Stream.of(threads)
			.limit(count)
			.filter((thread) -> thread.getName().startsWith("pingora") || (thread instanceof FastThreadLocalThread
					&& !thread.getName().startsWith("globalEventExecutor")));
	}

	private static String describe(Thread thread) {
		StringBuilder text = new StringBuilder("thread \"").append(thread.getName()).append("\" still runs at");
		Stream.of(thread.getStackTrace())
			.limit(SHOWN_FRAMES)
			.forEach((frame) -> text.append("\n\t\tat ").append(frame));
		return text.toString();
	}

}
