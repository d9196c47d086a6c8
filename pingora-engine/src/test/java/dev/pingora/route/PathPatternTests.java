package dev.pingora.route;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class PathPatternTests {

	@ParameterizedTest
	@CsvSource({ "/,/", "/orders,/orders", "/orders/,/orders/", "/orders/**,/orders", "/orders/**,/orders/",
			"/orders/**,/orders/1/2", "/orders/{id},/orders/1", "/orders/{id},/orders/a%2Fb", "/a/*/b,/a/x/b",
			"/a/{x}/b/**,/a/1/b", "/files/{*rest},/files/a/b", "/files/{*rest},/files", "/**,/", "/**,//a",
			"/img/*.png,/img/.png", "/img/*.png,/img/a.b.png", "/img/*.png,/img/a%2Epng", "/a?c,/abc", "/a?c,/a%2Fc",
			"/{a}-{b},/x-y", "/*a*b,/aab", "/a b,/a%20b", "/orders,/%6Frders", "/orders,/%6frders", "/100%,/100%25",
			"/%2,/%252", "/caf\u00e9,/caf%C3%A9", "/a//b,/a//b", "/a;v=1,/a;v=1", "/...,/..." })
	void matches(String pattern, String path) {
		assertThat(PathPattern.of(pattern).matches(path)).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "/,//", "/,*", "/**,*", "/orders,/orders/", "/orders/,/orders", "/orders,/Orders", "/orders,/order",
			"/orders,/orderss", "/orders/**,/ordersx", "/orders/**,/order", "/orders/{id},/orders",
			"/orders/*,/orders/", "/orders/{id},/orders/", "/orders/{id},/orders/1/", "/orders/{id},/orders/1/2",
			"/a/*/b,/a/b", "/a/*/b,/a//b", "/a/*/b,/a/x/y/b", "/a/b,/a%2Fb", "/a/b/**,/a%2Fb/c", "/a?c,/ac",
			"/a?c,/a/c", "/{a}-{b},/-y", "/{a}-{b},/x-", "/*a*b,/aba", "/100%,/100%2525", "/caf\u00e9,/caf%E9",
			"/a//b,/a/b", "/orders,/orders;v=1" })
	void doesNotMatch(String pattern, String path) {
		assertThat(PathPattern.of(pattern).matches(path)).isFalse();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "orders | a leading slash", "'' | a leading slash", "/a/**/b | ** only at the end",
					"/{*a}/b | {*a} only at the end", "/a** | ** as the whole segment", "/{id:[0-9]+} | variables as",
					"/{id | variables as", "/id} | variables as", "/{} | variables as", "/a%20b | instead of %20",
					"/a/../b | no dot segments", "/a/. | no dot segments", "'/a\\b' | no backslash" })
	void refusesWhatIsMalformedOrCouldNeverMatch(String pattern, String expectation) {
		assertThatIllegalArgumentException().isThrownBy(() -> PathPattern.of(pattern))
			.withMessageContaining("path pattern")
			.withMessageContaining(expectation);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", "/{a}{b}{c}{d}{e}{f}{g}{h}z" })
	void aHostilePathCostsNoExponentialTime(String pattern) {
		String path = "/" + "a".repeat(20_000);

		assertThat(PathPattern.of(pattern).matches(path)).isFalse();
	}

	@Test
	void theLiteralPrefixEndsAtTheFirstWildcard() {
		assertThat(PathPattern.of("/a/b c/{id}/d").literalPrefix()).containsExactly("a", "b c");
		assertThat(PathPattern.of("/**").literalPrefix()).isEmpty();
		assertThat(PathPattern.of("/").literalPrefix()).containsExactly("");
	}

}
