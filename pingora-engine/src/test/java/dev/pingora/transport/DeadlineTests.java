package dev.pingora.transport;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import io.netty.channel.EventLoop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Deadline}, on a real event loop.
 */
@ExtendWith(EngineExtension.class)
class DeadlineTests {

	private static final long LONG = TimeUnit.MINUTES.toNanos(10);

	private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(30);

	private final EventLoops loops = EventLoops.start(Transport.NIO, 1);

	private final EventLoop loop = this.loops.loops().get(0);

	private final AtomicInteger expired = new AtomicInteger();

	private final Deadline deadline = new Deadline(this.loop, this.expired::incrementAndGet);

	@AfterEach
	void close() {
		this.loops.close();
	}

	private <T> T onLoop(Callable<T> call) throws Exception {
		return this.loop.submit(call).get(10, TimeUnit.SECONDS);
	}

	private void arm(long nanos) throws Exception {
		onLoop(() -> {
			this.deadline.arm(nanos);
			return "";
		});
	}

	// A timer of the loop that fires later than the deadline would have.
	private void passShortTime() throws Exception {
		this.loop.schedule(() -> {
		}, 3 * SHORT, TimeUnit.NANOSECONDS).get(10, TimeUnit.SECONDS);
	}

	@Test
	void expiresOnceAndNotTooEarly() throws Exception {
		long before = System.nanoTime();
		arm(SHORT);
		Await.until("the deadline expires", () -> this.expired.get() == 1);
		assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(SHORT);
		passShortTime();
		assertThat(this.expired).hasValue(1);
	}

	@Test
	void deadlineThatWasMovedOnDoesNotExpireAtTheOldTime() throws Exception {
		arm(SHORT);
		arm(LONG);
		passShortTime();
		assertThat(this.expired).hasValue(0);
		onLoop(() -> {
			this.deadline.cancel();
			return "";
		});
	}

	@Test
	void deadlineThatWasMovedForwardExpiresAtTheNewTime() throws Exception {
		arm(LONG);
		arm(SHORT);
		Await.until("the deadline expires", () -> this.expired.get() == 1);
	}

	@Test
	void disarmedDeadlineCanBeArmedAgain() throws Exception {
		arm(SHORT);
		onLoop(() -> {
			this.deadline.disarm();
			return "";
		});
		passShortTime();
		assertThat(this.expired).hasValue(0);
		arm(SHORT);
		Await.until("the deadline expires", () -> this.expired.get() == 1);
	}

	@Test
	void cancelledDeadlineDoesNotExpire() throws Exception {
		arm(SHORT);
		onLoop(() -> {
			this.deadline.cancel();
			return "";
		});
		passShortTime();
		assertThat(this.expired).hasValue(0);
	}

	@Test
	void timeStandsStillWhileItIsHeld() throws Exception {
		assertThat(onLoop(() -> {
			LoopClock clock = LoopClock.ofLoop();
			clock.hold();
			long first = clock.now();
			long start = System.nanoTime();
			while (System.nanoTime() == start) {
				Thread.onSpinWait();
			}
			boolean still = clock.now() == first;
			clock.renew();
			long renewed = clock.now();
			clock.go();
			return still && renewed > first && clock.now() >= renewed;
		})).isTrue();
	}

}
