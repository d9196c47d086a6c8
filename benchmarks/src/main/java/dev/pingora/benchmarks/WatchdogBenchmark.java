package dev.pingora.benchmarks;

import java.util.concurrent.TimeUnit;

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
import org.openjdk.jmh.annotations.Warmup;

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
		loop.watch.enter("requestFilter", filter, loop.route);
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

	// User code is seldom inlined into the engine, where calls have many targets.
	@CompilerControl(CompilerControl.Mode.DONT_INLINE)
	private static int call(String filter) {
		return filter.length();
	}

}
