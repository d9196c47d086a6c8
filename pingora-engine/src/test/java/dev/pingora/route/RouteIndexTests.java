package dev.pingora.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.RouteTrace;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class RouteIndexTests {

	private final RouteTrace trace = new RouteTrace();

	@Test
	void theFirstRouteWhosePredicatesAllHoldWins() throws ProxyException {
		RouteIndex index = RouteIndex.of(
				rule("write", RequestPredicates.path("/orders/**"), RequestPredicates.method("POST")),
				rule("one", RequestPredicates.path("/orders/{id}")),
				rule("orders", RequestPredicates.path("/orders/**")), rule("any"));

		assertThat(find(index, "POST", "/orders/1")).isEqualTo("write");
		assertThat(find(index, "GET", "/orders/1?x=/y")).isEqualTo("one");
		assertThat(find(index, "GET", "/orders/1/2")).isEqualTo("orders");
		assertThat(find(index, "GET", "/elsewhere")).isEqualTo("any");
	}

	@Test
	void anEarlierRouteWithAShorterPrefixWinsOverALaterOneWithALongerPrefix() throws ProxyException {
		RouteIndex index = RouteIndex.of(rule("short", RequestPredicates.path("/a/**")),
				rule("long", RequestPredicates.path("/a/b/**")));

		assertThat(find(index, "GET", "/a/b/c")).isEqualTo("short");
	}

	@Test
	void routesAreToldInOrder() {
		RouteIndex index = RouteIndex.of(rule("b"), rule("a"));

		assertThat(index.routes()).extracting(Route::id).containsExactly("b", "a");
	}

	@Test
	void hostsArePartOfTheRoute() throws ProxyException {
		RouteIndex index = RouteIndex.of(rule("a", RequestPredicates.host("a.org")),
				rule("b", RequestPredicates.host("b.org")));
		RequestHeader request = RequestHeader.of("GET", "/");
		request.headers().set("Host", "B.org:80");

		assertThat(index.find(request, this.trace).id()).isEqualTo("b");
	}

	@Test
	void whereNoRouteMatchesTheRequestFailsWith404() {
		RouteIndex index = RouteIndex.of(rule("a", RequestPredicates.path("/a")));

		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> find(index, "GET", "/b?secret=1"))
			.satisfies((error) -> {
				assertThat(error.type()).isEqualTo(ErrorType.NO_ROUTE);
				assertThat(error.status()).isEqualTo(404);
				assertThat(error.context()).isEqualTo("no route for GET /b");
			});
		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> find(RouteIndex.of(), "GET", "/"))
			.satisfies((error) -> assertThat(error.status()).isEqualTo(404));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/a/../b", "/a/%2e%2E/b", "/a/.%2e", "/a/..%2fb", "/a/..;/b", "/.", "/a%", "/a%0", "/a%00",
			"/a\\b", "/a%5cb", "http://h/a/../b", "http://h\\@x/", "http://u@h/", "http://u:p@h/a", "http:///a",
			"ftp://h/a", "x?y://h/a", "*", "*/a", "a", "h:443", "?x", "*?a://b/c" })
	void refusesTargetsThatAnOriginCouldReadInAnotherWay(String target) {
		RouteIndex index = RouteIndex.of(rule("any", (request) -> {
			throw new IllegalStateException("asked");
		}));

		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> find(index, "GET", target))
			.satisfies((error) -> assertThat(error.status()).isEqualTo(400))
			.withMessageContaining("(expected: ");
	}

	@Test
	void aRefusedPathIsShortAndPrintableInTheLog() {
		assertThatExceptionOfType(ProxyException.class)
			.isThrownBy(() -> find(RouteIndex.of(), "GET", "/\u0085" + "x".repeat(5000) + "/.."))
			.satisfies((error) -> assertThat(error.context()).hasSizeLessThan(300).doesNotContain("\u0085"));
	}

	@ParameterizedTest
	@CsvSource({ "OPTIONS,*,any", "GET,http://h/a/b?c,path", "GET,HTTPS://h:8443/a,path", "GET,http://h,any",
			"GET,http://[::1]:80/a,path", "GET,/a?x=/../y,path", "GET,/%61,path", "GET,/a%2Fb,any", "GET,/,any",
			"GET,//a,any" })
	void everyFormOfTargetIsRouted(String method, String target, String expected) throws ProxyException {
		RouteIndex index = RouteIndex.of(rule("path", RequestPredicates.path("/a/**")), rule("any"));

		assertThat(find(index, method, target)).isEqualTo(expected);
	}

	@Test
	void theTraceNamesTheRouteWhosePredicatePanics() {
		RouteIndex index = RouteIndex.of(rule("fine", RequestPredicates.method("PUT")), rule("broken", (request) -> {
			throw new IllegalStateException("boom");
		}), rule("next"));

		assertThatIllegalStateException().isThrownBy(() -> find(index, "GET", "/")).withMessage("boom");
		assertThat(this.trace.routeId()).isEqualTo("broken");
	}

	@Test
	void aRouteThatThePathRulesOutIsNotAsked() throws ProxyException {
		RouteIndex index = RouteIndex.of(rule("broken", (request) -> {
			throw new IllegalStateException("boom");
		}, RequestPredicates.path("/a/**")), rule("any"));

		assertThat(find(index, "GET", "/b")).isEqualTo("any");
		assertThatIllegalStateException().isThrownBy(() -> find(index, "GET", "/a"));
	}

	@Test
	void refusesRoutesOfTheSameId() {
		assertThatIllegalArgumentException().isThrownBy(() -> RouteIndex.of(rule("a"), rule("b"), rule("a")))
			.withMessage("route id: 'a' (expected: unique, but routes 0 and 2 have it)");
	}

	@Test
	void theRulesAreShownInOrder() {
		RouteIndex index = RouteIndex.of(rule("b", RequestPredicates.path("/b"), RequestPredicates.method("GET")),
				rule("a"));

		assertThat(index.rules()).extracting((rule) -> rule.route().id()).containsExactly("b", "a");
		assertThat(index.rules().get(0).predicateTexts()).containsExactly("Path=/b", "Method=GET");
		assertThat(index).hasToString("RouteIndex[b[Path=/b, Method=GET], a[]]");
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8 })
	void theIndexFindsWhatALinearScanFinds(long seed) throws ProxyException {
		Random random = new Random(seed);
		int found = 0;
		for (int round = 0; round < 60; round++) {
			List<RouteRule> rules = new ArrayList<>();
			for (int i = random.nextInt(30); i >= 0; i--) {
				rules.add(randomRule("r" + i, random));
			}
			RouteIndex index = RouteIndex.of(rules);
			for (int i = 0; i < 100; i++) {
				RequestHeader request = RequestHeader.of(random.nextBoolean() ? "GET" : "POST", randomPath(random));
				String expected = scan(rules, request);
				assertThat(indexed(index, request)).as("%s in %s", request, rules).isEqualTo(expected);
				found += (expected != null) ? 1 : 0;
			}
		}
		assertThat(found).isBetween(600, 5_970);
	}

	private static @Nullable String scan(List<RouteRule> rules, RequestHeader request) {
		return rules.stream()
			.filter((rule) -> rule.predicates().stream().allMatch((predicate) -> predicate.test(request)))
			.map((rule) -> rule.route().id())
			.findFirst()
			.orElse(null);
	}

	private @Nullable String indexed(RouteIndex index, RequestHeader request) throws ProxyException {
		try {
			return index.find(request, this.trace).id();
		}
		catch (ProxyException ex) {
			if (ex.status() != 404) {
				throw ex;
			}
			return null;
		}
	}

	private static RouteRule randomRule(String id, Random random) {
		List<RequestPredicate> predicates = new ArrayList<>();
		if (random.nextInt(3) == 0) {
			predicates.add(RequestPredicates.method(random.nextBoolean() ? "GET" : "POST"));
		}
		for (int paths = (random.nextInt(20) == 0) ? 0 : 1 + random.nextInt(8) / 7; paths > 0; paths--) {
			String[] patterns = new String[1 + random.nextInt(3)];
			for (int i = 0; i < patterns.length; i++) {
				patterns[i] = randomPattern(random);
			}
			predicates.add(RequestPredicates.path(patterns));
		}
		return rule(id, predicates.toArray(RequestPredicate[]::new));
	}

	private static String randomPattern(Random random) {
		String[] segments = { "a", "b", "ab", "a", "b", "", "*", "{x}", "a*", "?" };
		StringBuilder pattern = new StringBuilder();
		for (int i = random.nextInt(4); i >= 0; i--) {
			pattern.append('/').append(segments[random.nextInt(segments.length)]);
		}
		return random.nextInt(3) == 0 ? pattern + "/**" : pattern.toString();
	}

	private static String randomPath(Random random) {
		String[] segments = { "a", "b", "ab", "a", "b", "", "%61", "a%62", "c", "a%2Fb" };
		StringBuilder path = new StringBuilder();
		for (int i = random.nextInt(5); i >= 0; i--) {
			path.append('/').append(segments[random.nextInt(segments.length)]);
		}
		return path.toString();
	}

	private String find(RouteIndex index, String method, String target) throws ProxyException {
		return index.find(RequestHeader.of(method, target), this.trace).id();
	}

	private static RouteRule rule(String id, RequestPredicate... predicates) {
		return RouteRule.of(Route.of(id, List.of(), null), predicates);
	}

}
