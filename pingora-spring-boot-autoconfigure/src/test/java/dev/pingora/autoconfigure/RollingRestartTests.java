package dev.pingora.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.pingora.autoconfigure.ProbingBalancer.Instance;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.RawOrigin;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Gateways are replaced one after the other under load: clients behind a balancer that
 * retries nothing don't notice.
 */
class RollingRestartTests {

	private static final int ROUNDS = 2;

	@AutoClose
	private final RawOrigin origin = RawOrigin.start().on("/slow", (exchange) -> {
		exchange.pause(Duration.ofMillis(200));
		exchange.respond(200, "slow");
	});

	private final List<ConfigurableApplicationContext> contexts = new ArrayList<>();

	@SpringBootConfiguration
	@ImportAutoConfiguration({ PingoraAutoConfiguration.class, LifecycleAutoConfiguration.class,
			ApplicationAvailabilityAutoConfiguration.class })
	static class Gateway {

	}

	private ConfigurableApplicationContext gateway(String delay) {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Gateway.class)
			.web(WebApplicationType.NONE)
			.properties("spring.main.banner-mode=off", "spring.main.register-shutdown-hook=false",
					"pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0", "pingora.threads=2",
					"pingora.routes[0].id=a", "pingora.routes[0].uri=http://127.0.0.1:" + this.origin.port(),
					"pingora.shutdown.delay=" + delay)
			.run();
		this.contexts.add(context);
		return context;
	}

	@Test
	void noRequestFailsWhileGatewaysAreReplaced() {
		List<Instance> all = new ArrayList<>();
		try (ProbingBalancer balancer = new ProbingBalancer(6)) {
			Instance[] present = { balancer.add(gateway("2s")), balancer.add(gateway("1s")) };
			all.addAll(List.of(present));
			for (int i = 0; i < ROUNDS * present.length; i++) {
				Instance old = present[i % present.length];
				Await.until("answers", () -> old.answers.get() > 20);
				old.context.close();
				balancer.remove(old);
				present[i % present.length] = balancer.add(gateway("2s"));
				all.add(present[i % present.length]);
			}
			for (Instance instance : present) {
				Await.until("answers", () -> instance.answers.get() > 20);
			}
			assertThat(balancer.failures()).isEmpty();
		}
		finally {
			this.contexts.forEach(ConfigurableApplicationContext::close);
		}
		assertThat(all).hasSize(2 + ROUNDS * 2)
			.allSatisfy((instance) -> assertThat(instance.answers).hasPositiveValue());
	}

	@Test
	void balancerThatIsNotToldFails() {
		try (ProbingBalancer balancer = new ProbingBalancer(2)) {
			Instance instance = balancer.add(gateway("0s"));
			Await.until("answers", () -> instance.answers.get() > 20);
			balancer.stopProbing();
			instance.context.close();
			Await.until("failures", () -> !balancer.failures().isEmpty());
		}
		finally {
			this.contexts.forEach(ConfigurableApplicationContext::close);
		}
	}

}
