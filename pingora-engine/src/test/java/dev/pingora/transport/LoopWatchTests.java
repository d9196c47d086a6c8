package dev.pingora.transport;

import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What others see of a loop's calls.
 */
class LoopWatchTests {

	private final LoopWatch watch = new LoopWatch();

	@Test
	void idleLoopIsInNoCall() {
		assertThat(this.watch.number()).isZero();
		assertThat(this.watch.current()).isNull();
		this.watch.enter("logging", "f", "r");
		this.watch.leave();
		assertThat(this.watch.number()).isZero();
		assertThat(this.watch.current()).isNull();
	}

	@Test
	void eachCallHasItsOwnNumber() {
		this.watch.enter("logging", "f", "r");
		long first = this.watch.number();
		assertThat(this.watch.current())
			.isEqualTo(new LoopWatch.Call(first, Thread.currentThread(), "logging", "f", "r"));
		this.watch.leave();
		this.watch.enter("logging", "f", "r");
		assertThat(this.watch.number()).isNotZero().isNotEqualTo(first);
	}

	@Test
	void outermostOfNestedCallsCounts() {
		this.watch.enter("requestFilter", "outer", "r");
		LoopWatch.Call outer = this.watch.current();
		this.watch.enter("listener", "inner", null);
		assertThat(this.watch.current()).isEqualTo(outer);
		this.watch.leave();
		assertThat(this.watch.current()).isEqualTo(outer);
		this.watch.leave();
		assertThat(this.watch.current()).isNull();
	}

	@Test
	void routeMayBecomeKnownDuringTheCall() {
		StringBuilder route = new StringBuilder();
		this.watch.enter("predicate", null, route);
		assertThat(routeNow()).isNull();
		route.append("orders");
		assertThat(routeNow()).isEqualTo("orders");
	}

	private @Nullable String routeNow() {
		LoopWatch.Call call = this.watch.current();
		assertThat(call).isNotNull();
		return call.route();
	}

	@Test
	void namesOfTwoCallsAreNeverMixed() throws InterruptedException {
		AtomicBoolean over = new AtomicBoolean();
		Thread loop = new Thread(() -> {
			String[] names = { "a", "b", "c" };
			for (int i = 0; !over.get(); i = (i + 1) % 3) {
				this.watch.enter(names[i], names[i], names[i]);
				this.watch.leave();
			}
		}, "loop");
		loop.start();
		try {
			long last = 0;
			for (int seen = 0; seen < 20_000;) {
				LoopWatch.Call call = this.watch.current();
				if (call != null) {
					seen++;
					assertThat(call.number()).isGreaterThanOrEqualTo(last);
					last = call.number();
					assertThat(call.filter()).isEqualTo(call.phase());
					assertThat(call.route()).isEqualTo(call.phase());
					assertThat(call.thread()).isSameAs(loop);
				}
			}
		}
		finally {
			over.set(true);
			loop.join();
		}
	}

}
