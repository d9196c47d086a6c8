package dev.pingora.route;

import java.util.Map;

import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.ProxyFilter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class CatalogueTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "Path=/a/**,/b", "Host=**.a.org, b.org", "Method=GET,POST", "Header=X-Id",
			"Header=X-Id, [0-9]{1,3}", "Query=q", "Query=q, a{1,2}" })
	void knowsTheShortcutsOfPredicates(String shortcut) {
		RequestPredicate predicate = PredicateCatalogue.builtIn().predicate(Definition.parse(shortcut));

		assertThat(predicate.toString().replace(" ", "")).isEqualTo(shortcut.replace(" ", ""));
	}

	@Test
	void knowsTheNamedArgumentsOfPredicates() {
		PredicateCatalogue catalogue = PredicateCatalogue.builtIn();

		assertThat(catalogue.predicate(Definition.of("Path", Map.of("patterns", "/a,/b")))).hasToString("Path=/a, /b");
		assertThat(catalogue.predicate(Definition.of("Host", Map.of("patterns", "a.org")))).hasToString("Host=a.org");
		assertThat(catalogue.predicate(Definition.of("Method", Map.of("methods", "GET")))).hasToString("Method=GET");
		assertThat(catalogue.predicate(Definition.of("Header", Map.of("header", "X", "regexp", "a,b"))))
			.hasToString("Header=X, a,b");
		assertThat(catalogue.predicate(Definition.of("Query", Map.of("param", "q")))).hasToString("Query=q");
	}

	@Test
	void anUnknownNameIsRefusedWithTheKnownOnesInOrder() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> PredicateCatalogue.builtIn().predicate(Definition.parse("Pth=/a")))
			.withMessage("predicate: 'Pth' (expected: one of Header, Host, Method, Path, Query)");
		assertThatIllegalArgumentException().isThrownBy(() -> FilterCatalogue.builtIn().filter(Definition.parse("X=1")))
			.withMessage("filter: 'X' (expected: one of AddRequestHeader, AddResponseHeader, PrefixPath,"
					+ " RemoveRequestHeader, RemoveResponseHeader, RewritePath, SetRequestHeader, SetRequestHostHeader,"
					+ " SetResponseHeader, SetStatus, StripPrefix)");
	}

	@Test
	void malformedArgumentsAreRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> PredicateCatalogue.builtIn().predicate(Definition.parse("Path=orders")))
			.withMessage("path pattern: 'orders' (expected: a leading slash)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> PredicateCatalogue.builtIn().predicate(Definition.parse("Path=/a,")))
			.withMessage("path pattern: '' (expected: a leading slash)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> PredicateCatalogue.builtIn().predicate(Definition.parse("Header")))
			.withMessage("Header: no header (expected: header, regexp)");
	}

	@Test
	void aCopyKnowsMorePredicates() {
		PredicateCatalogue builtIn = PredicateCatalogue.builtIn();
		PredicateCatalogue more = builtIn.with("Tls",
				(definition) -> (request) -> request.hasHeader(definition.values("header").text("header")));
		RequestHeader request = RequestHeader.of("GET", "/");
		request.headers().add("X-Tls", "1");

		assertThat(more.predicate(Definition.parse("Tls=X-Tls")).test(request)).isTrue();
		assertThat(more.names()).containsExactly("Header", "Host", "Method", "Path", "Query", "Tls");
		assertThat(builtIn.names()).doesNotContain("Tls");
	}

	@Test
	void aCopyKnowsMoreFilters() {
		ProxyFilter filter = new ProxyFilter() {
		};
		FilterCatalogue more = FilterCatalogue.builtIn().with("Mine", (definition) -> filter);

		assertThat(more.filter(Definition.parse("Mine"))).isSameAs(filter);
		assertThat(FilterCatalogue.builtIn().names()).doesNotContain("Mine");
		assertThatIllegalArgumentException().isThrownBy(() -> more.with("a=b", (definition) -> filter))
			.withMessage("filter name: 'a=b' (expected: not blank, without =)");
	}

}
