package dev.pingora.server;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;

import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What the engine's own executor tells of itself, with the threads of this JVM: virtual
 * ones on Java 21 and later, a pool before.
 */
@ExtendWith(EngineExtension.class)
class BlockingExecutorTests {

	private static final boolean VIRTUAL = Runtime.version().feature() >= 21;

	@AutoClose
	private final BlockingExecutor executor = new BlockingExecutor();

	@Test
	void statusTellsWhatRuns() throws Exception {
		int limit = VIRTUAL ? 4096 : 64 + 1024;
		ExecutorStatus idle = new ExecutorStatus(VIRTUAL ? "virtual" : "platform", 0, 0, limit, 0);
		assertThat(this.executor.status()).isEqualTo(idle);
		CountDownLatch begun = new CountDownLatch(2);
		CountDownLatch release = new CountDownLatch(1);
		for (int i = 0; i < 2; i++) {
			this.executor.execute(() -> hold(begun, release));
		}
		begun.await();
		assertThat(this.executor.status().active()).isEqualTo(2);
		release.countDown();
		Await.until("nothing runs", () -> this.executor.status().equals(idle));
	}

	@Test
	void statusCountsWhatIsRejected() {
		this.executor.close();
		assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> this.executor.execute(() -> {
		}));
		assertThat(this.executor.status().rejected()).isEqualTo(1);
	}

	private static void hold(CountDownLatch begun, CountDownLatch release) {
		begun.countDown();
		try {
			release.await();
		}
		catch (InterruptedException closed) {
			Thread.currentThread().interrupt();
		}
	}

}
