package dev.pingora.server;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What the engine's own executor takes and tells, with the threads of this JVM.
 */
@ExtendWith(EngineExtension.class)
class BlockingExecutorTests {

	private static final boolean VIRTUAL = Runtime.version().feature() >= 21;

	private static final String THREADS = VIRTUAL ? "virtual" : "platform";

	private static final int LIMIT = VIRTUAL ? 4096 : 64 + 1024;

	@Test
	void takesUpToItsLimitAndTellsWhatItHolds() {
		CountDownLatch release = new CountDownLatch(1);
		try (BlockingExecutor executor = new BlockingExecutor()) {
			assertThat(executor.status()).isEqualTo(new ExecutorStatus(THREADS, 0, 0, LIMIT, 0));
			for (int i = 0; i < LIMIT; i++) {
				executor.execute(() -> PanicIsolation.capture(release::await));
			}
			assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> executor.execute(() -> {
			})).withMessage("calls: " + LIMIT + " (expected: fewer at once)");
			Await.until("a full executor", () -> executor.status().active() == (VIRTUAL ? LIMIT : 64));
			assertThat(executor.status())
				.isEqualTo(new ExecutorStatus(THREADS, VIRTUAL ? LIMIT : 64, VIRTUAL ? 0 : 1024, LIMIT, 1));
			release.countDown();
			Await.until("an idle executor",
					() -> executor.status().equals(new ExecutorStatus(THREADS, 0, 0, LIMIT, 1)));
		}
	}

	@Test
	void closedExecutorRejects() {
		BlockingExecutor executor = new BlockingExecutor();
		executor.close();
		assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> executor.execute(() -> {
		}));
		assertThat(executor.status().rejected()).isOne();
	}

	@Test
	void serverTellsOfAnExecutorThatCanTell() {
		try (ProxyServer own = Proxies.to(1).build();
				ProxyServer foreign = Proxies.to(1).with((it) -> it.blockingExecutor(Runnable::run)).build()) {
			assertThat(own.executor()).isEqualTo(new ExecutorStatus(THREADS, 0, 0, LIMIT, 0));
			assertThat(foreign.executor()).isNull();
		}
	}

}
