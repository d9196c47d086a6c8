package dev.pingora.benchmarks;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.transport.LoopWatch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * What an event loop pays for being watched, for each call of user code: {@code watched}
 * less {@code bare}. {@code sample} is what the watchdog's thread pays for a look at a
 * loop.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(5)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class WatchdogBenchmark {

	/**
	 * A loop and what it calls.
	 */
	@State(Scope.Thread)
	public static class Loop {

		private final LoopWatch watch = new LoopWatch();

		// Each call is another phase's and filter's, and those are strewn over the heap.
		private final String[] phases = { "requestFilter", "responseFilter" };

		private final String[] filters = { new String("auth"), new String("headers") };

		private final String route = new String("orders");

		private int turn;

		/**
		 * Makes the watch as old as a running server's is: a store into an old object
		 * costs more.
		 */
		@Setup
		public void grow() {
			System.gc();
		}

		String phase() {
			return this.phases[this.turn];
		}

		String filter() {
			this.turn ^= 1;
			return this.filters[this.turn];
		}

	}

	/**
	 * A call of a filter that does nothing.
	 * @param loop the loop
	 * @return what the filter returns
	 */
	@Benchmark
	public int bare(Loop loop) {
		return call(loop.filter());
	}

	/**
	 * The same, with the loop saying what it calls.
	 * @param loop the loop
	 * @return what the filter returns
	 */
	@Benchmark
	public int watched(Loop loop) {
		String filter = loop.filter();
		loop.watch.enter(loop.phase(), filter, loop.route);
		try {
			return call(filter);
		}
		finally {
			loop.watch.leave();
		}
	}

	/**
	 * A look at a loop.
	 * @param loop the loop
	 * @return what it is in
	 */
	@Benchmark
	public long sample(Loop loop) {
		return loop.watch.number();
	}

	/**
	 * Two loops, whose watches were made one after the other.
	 */
	@State(Scope.Benchmark)
	public static class Neighbours {

		private final LoopWatch[] watches = { new LoopWatch(), new LoopWatch() };

	}

	/**
	 * {@code watched} on two loops at once: as much, if they don't disturb each other.
	 * @param loop what this loop calls
	 * @param neighbours the watches
	 * @param thread which of the loops this is
	 * @return what the filter returns
	 */
	@Benchmark
	@Threads(2)
	public int watchedBesideAnother(Loop loop, Neighbours neighbours, ThreadParams thread) {
		String filter = loop.filter();
		LoopWatch watch = neighbours.watches[thread.getThreadIndex()];
		watch.enter(loop.phase(), filter, loop.route);
		try {
			return call(filter);
		}
		finally {
			watch.leave();
		}
	}

	/**
	 * A listener, as the engine tells it that a request has finished.
	 */
	@State(Scope.Thread)
	public static class Told {

		private final PanicIsolation isolation = new PanicIsolation(List.of());

		private final PanicSite site = PanicSite.of(PanicSite.LISTENER, "Counting");

		private final Consumer<Told> listener = Told::finished;

		private long finished;

		@CompilerControl(CompilerControl.Mode.DONT_INLINE)
		private void finished() {
			this.finished++;
		}

		/**
		 * Ends what the border has begun.
		 */
		@TearDown
		public void close() {
			this.isolation.close();
		}

	}

	/**
	 * A listener that does next to nothing, isolated and watched.
	 * @param loop the loop
	 * @param told the listener
	 * @return how often it was told
	 */
	@Benchmark
	public long listenerTold(Loop loop, Told told) {
		loop.watch.enter(PanicSite.LISTENER, told.site.filter(), null);
		told.isolation.observe(told.site, told, told.listener);
		loop.watch.leave();
		return told.finished;
	}

	// User code is seldom inlined into the engine, where calls have many targets.
	@CompilerControl(CompilerControl.Mode.DONT_INLINE)
	private static int call(String filter) {
		return filter.length();
	}

}
