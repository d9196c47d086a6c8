package dev.pingora.autoconfigure;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicListener;
import dev.pingora.panic.PanicSite;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.ProxyHttp;
import dev.pingora.proxy.Session;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.RawClient;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which beans are filters, wherever they come from: one that is left out would let pass
 * what it is there to stop.
 */
class FilterBeansTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PingoraAutoConfiguration.class, TaskExecutionAutoConfiguration.class))
		.withPropertyValues("pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0",
				"pingora.threads=1", "pingora.transport=nio", "pingora.routes[0].id=a",
				"pingora.routes[0].uri=http://127.0.0.1:1");

	@Test
	void prototypeAppliesToEveryRoute() {
		this.runner.withBean("guard", Guard.class, Guard::new, FilterBeansTests::prototype)
			.run((context) -> assertThat(status(context)).isEqualTo(401));
	}

	@Test
	void prototypeBehindAProxyAppliesOnce() {
		this.runner.withUserConfiguration(ScopedFilter.class).run((context) -> {
			assertThat(names(context)).containsExactly("guard");
			assertThat(status(context)).isEqualTo(401);
		});
	}

	@Test
	void prototypeStandsBeforeAUsersProxy() {
		this.runner.withBean("guard", Guard.class, Guard::new, FilterBeansTests::prototype)
			.withBean(OwnProxy.class)
			.run((context) -> assertThat(status(context)).isEqualTo(401));
	}

	@Test
	void filterOfTheParentContextAppliesToEveryRoute() {
		try (var parent = context(() -> new Guard())) {
			this.runner.withParent(parent).run((context) -> assertThat(status(context)).isEqualTo(401));
		}
	}

	@Test
	void filterOfTheParentContextStandsBeforeAUsersProxy() {
		try (var parent = context(() -> new Guard())) {
			this.runner.withParent(parent)
				.withBean(OwnProxy.class)
				.run((context) -> assertThat(status(context)).isEqualTo(401));
		}
	}

	@Test
	void filterOfTheParentContextIsFoundByName() {
		try (var parent = new AnnotationConfigApplicationContext(RouteOnlyFilter.class)) {
			this.runner.withParent(parent).run((context) -> assertThat(status(context)).isEqualTo(502));
			this.runner.withParent(parent)
				.withPropertyValues("pingora.routes[0].filters[0]=guard")
				.run((context) -> assertThat(status(context)).isEqualTo(401));
		}
	}

	@Test
	void filterOfTheSameNameReplacesThatOfTheParentContext() {
		try (var parent = context(() -> new Guard())) {
			this.runner.withParent(parent)
				.withBean("guard", ProxyFilter.class, Harmless::new)
				.run((context) -> assertThat(status(context)).isEqualTo(502));
		}
	}

	@Test
	void orderIsThatOfTheBeansWhereverTheyComeFrom() {
		try (var parent = new AnnotationConfigApplicationContext(ParentsFilters.class)) {
			this.runner.withParent(parent)
				.withUserConfiguration(Filters.class)
				.run((context) -> assertThat(names(context)).containsExactly("urgent", "one", "two", "three", "four",
						"last"));
		}
	}

	@Test
	void beanThatIsNoFilterAfterAllIsLeftOut() {
		this.runner.withUserConfiguration(NoFilter.class).run((context) -> assertThat(names(context)).isEmpty());
	}

	@Test
	void listenersAndCustomizersAreTakenFromEverywhere() {
		List<String> told = new CopyOnWriteArrayList<>();
		try (var parent = new AnnotationConfigApplicationContext()) {
			parent.registerBean("parents", Listener.class, () -> new Listener("parent", told));
			parent.registerBean("parentsToo", ProxyServerCustomizer.class, () -> (builder) -> told.add("customizer"));
			parent.refresh();
			this.runner.withParent(parent)
				.withBean("own", Listener.class, () -> new Listener("prototype", told), FilterBeansTests::prototype)
				.run((context) -> {
					assertThat(told).containsExactly("customizer");
					assertThat(status(context)).isEqualTo(502);
					Await.until("both are told of the request",
							() -> told.containsAll(List.of("parent request", "prototype request")));
					context.getBean(PanicIsolation.class)
						.record(PanicSite.of(PanicSite.ENGINE, null), new IllegalStateException("a bug"));
					Await.until("both are told of the panic",
							() -> told.containsAll(List.of("parent panic", "prototype panic")));
				});
		}
	}

	private static void prototype(BeanDefinition definition) {
		definition.setScope(BeanDefinition.SCOPE_PROTOTYPE);
	}

	private static AnnotationConfigApplicationContext context(Supplier<ProxyFilter> guard) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.registerBean("guard", ProxyFilter.class, guard);
		context.refresh();
		return context;
	}

	private static int status(ApplicationContext context) throws Exception {
		try (RawClient client = RawClient.connect(context.getBean(ProxyServer.class).port("http"))) {
			return client.get("/").readResponse().status();
		}
	}

	private static List<String> names(ApplicationContext context) {
		return FilterBeans.of((ListableBeanFactory) context.getAutowireCapableBeanFactory())
			.global()
			.stream()
			.map((filter) -> filter.name())
			.toList();
	}

	static class Harmless implements ProxyFilter {

	}

	static class Guard implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			return session.respond(401);
		}

	}

	static class Urgent extends Harmless implements PriorityOrdered {

		@Override
		public int getOrder() {
			return 9;
		}

	}

	static class Four extends Harmless implements Ordered {

		@Override
		public int getOrder() {
			return 4;
		}

	}

	@Order(2)
	static class Two extends Harmless {

	}

	static class OwnProxy implements ProxyHttp<String> {

		@Override
		public String newContext() {
			return "";
		}

		@Override
		public HttpPeer upstreamPeer(Session session, String context) {
			return HttpPeer.of("127.0.0.1", 1);
		}

	}

	record Listener(String name, List<String> told) implements ProxyListener, PanicListener {

		@Override
		public void requestFinished(FinishedRequest request) {
			this.told.add(this.name + " request");
		}

		@Override
		public void onPanic(Panic panic) {
			this.told.add(this.name + " panic");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ScopedFilter {

		@Bean
		@Scope(value = BeanDefinition.SCOPE_PROTOTYPE, proxyMode = ScopedProxyMode.TARGET_CLASS)
		Guard guard() {
			return new Guard();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RouteOnlyFilter {

		@Bean
		@RouteOnly
		ProxyFilter guard() {
			return new Guard();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ParentsFilters {

		@Bean
		@Order(3)
		ProxyFilter three() {
			return new Harmless();
		}

		@Bean
		@Order(1)
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		ProxyFilter one() {
			return new Harmless();
		}

		@Bean
		ProxyFilter urgent() {
			return new Urgent();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Filters {

		@Bean
		ProxyFilter last() {
			return new Harmless();
		}

		@Bean
		ProxyFilter four() {
			return new Four();
		}

		@Bean
		ProxyFilter two() {
			return new Two();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoFilter {

		@Bean
		@SuppressWarnings("NullAway")
		ProxyFilter none() {
			return null;
		}

	}

}
