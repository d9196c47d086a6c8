package dev.pingora.route;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import dev.pingora.error.ProxyException;
import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.RouteTrace;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What finding a route costs among few and among many: the index looks only at those that
 * the path leaves.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RouteBenchmark {

	// Enough of them that they are not in the processor's caches all the time.
	private static final int REQUESTS = 256;

	/**
	 * A table of routes, {@code /tenant-0/orders/**} and so on, and requests for them.
	 */
	@State(Scope.Thread)
	public static class Table {

		/** How many routes there are. */
		@Param({ "10", "1000", "10000" })
		public int routes;

		private List<RouteRule> rules = List.of();

		private RouteIndex index = RouteIndex.of();

		private final RequestHeader[] requests = new RequestHeader[REQUESTS];

		private final RouteTrace trace = new RouteTrace();

		private int turn;

		/**
		 * Makes the table, and the requests: spread evenly over it.
		 */
		@Setup
		public void fill() {
			this.rules = IntStream.range(0, this.routes).mapToObj(Table::rule).toList();
			this.index = RouteIndex.of(this.rules);
			for (int i = 0; i < REQUESTS; i++) {
				long tenant = (long) this.routes * i / REQUESTS;
				this.requests[i] = RequestHeader.of("GET", "/tenant-" + tenant + "/orders/4711?page=2");
			}
		}

		private static RouteRule rule(int number) {
			return RouteRule.of(Route.of("route-" + number, List.of(), null),
					RequestPredicates.path("/tenant-" + number + "/orders/**"), RequestPredicates.method("GET"));
		}

		RequestHeader next() {
			this.turn = (this.turn + 1) % REQUESTS;
			return this.requests[this.turn];
		}

	}

	/**
	 * The route is found in the index.
	 * @param table the routes
	 * @return the route
	 * @throws ProxyException never
	 */
	@Benchmark
	public Route indexed(Table table) throws ProxyException {
		return table.index.find(table.next(), table.trace);
	}

	/**
	 * The route is found by asking one after the other, for comparison.
	 * @param table the routes
	 * @return the route
	 */
	@Benchmark
	public Route oneByOne(Table table) {
		RequestHeader request = table.next();
		for (RouteRule rule : table.rules) {
			if (rule.matches(request)) {
				return rule.route();
			}
		}
		throw new IllegalStateException("no route for " + request);
	}

}
