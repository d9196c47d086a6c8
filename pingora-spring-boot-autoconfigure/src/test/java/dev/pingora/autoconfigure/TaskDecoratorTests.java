package dev.pingora.autoconfigure;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.RawClient;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.TaskDecorator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A decorator that goes wrong around a blocking phase.
 */
class TaskDecoratorTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PingoraAutoConfiguration.class))
		.withUserConfiguration(BlockingFilter.class)
		.withPropertyValues("pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0",
				"pingora.threads=1", "pingora.routes[0].id=a", "pingora.routes[0].uri=http://127.0.0.1:1");

	@Configuration(proxyBeanMethods = false)
	static class BlockingFilter implements ProxyFilter {

		@Override
		@Blocking
		public Outcome requestFilter(Session session) {
			return session.respond(204);
		}

	}

	private void assertOnePanic(TaskDecorator decorator) {
		assertOnePanic(decorator, End.RESET);
	}

	private void assertOnePanic(TaskDecorator decorator, End end) {
		this.runner.withBean(TaskDecorator.class, () -> decorator).run((context) -> {
			ProxyServer server = context.getBean(ProxyServer.class);
			try (RawClient client = RawClient.connect(server.port("http"))) {
				client.get("/");
				if (end == End.OPEN) {
					assertThat(client.readResponse().status()).isEqualTo(204);
				}
				else {
					assertThat(client.awaitEnd()).isEqualTo(end);
				}
			}
			Await.until("the request's end", () -> server.activeRequests() == 0);
			PanicIsolation isolation = context.getBean(PanicIsolation.class);
			Await.until("a panic", () -> isolation.totals().total() > 0);
			assertThat(isolation.totals().total()).isOne();
		});
	}

	@Test
	void panicWhileDecoratingEndsTheRequest() {
		assertOnePanic((task) -> {
			throw new AssertionError("a bug");
		});
	}

	@Test
	void panicBeforeTheTaskEndsTheRequest() {
		assertOnePanic((task) -> () -> {
			throw new AssertionError("a bug");
		});
	}

	@Test
	void panicAfterTheTaskIsCountedAndLeavesTheRequestAlone() {
		assertOnePanic((task) -> () -> {
			task.run();
			throw new AssertionError("a bug");
		}, End.OPEN);
	}

	@Test
	void taskThatIsDroppedEndsTheRequest() {
		assertOnePanic((task) -> () -> {
		});
	}

}
