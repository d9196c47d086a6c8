package dev.pingora.route;

import dev.pingora.http.RequestHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RequestPredicatesTests {

	@ParameterizedTest
	@CsvSource({ "api.example.org,api.example.org,true", "api.example.org,API.Example.ORG:8080,true",
			"api.example.org,api.example.org.,true", "api.example.org,api.example.org.:443,true",
			"API.example.org.,api.example.org,true", "api.example.org,xapi.example.org,false",
			"api.example.org,a.api.example.org,false", "api.example.org,example.org,false",
			"*.example.org,api.example.org,true", "*.example.org,example.org,false",
			"*.example.org,a.b.example.org,false", "*.example.org,.example.org,false",
			"**.example.org,example.org,true", "**.example.org,a.b.example.org,true",
			"**.example.org,badexample.org,false", "**.example.org,example.org.evil.net,false",
			"{tenant}.example.org,x.example.org,true", "api-*.example.org,api-1.example.org,true",
			"api-?.example.org,api-12.example.org,false", "**,anything,true", "**,'',false", "*,a.b,false",
			"127.0.0.1,127.0.0.1:80,true", "[::1],[::1]:80,true", "[::1],[::2]:80,false", "localhost,localhost,true",
			"a.b,a.b:x:y,true", "a.b,.,false" })
	void hostMatchesLabelByLabel(String pattern, String host, boolean expected) {
		RequestHeader request = RequestHeader.of("GET", "/");
		request.headers().set("Host", host);

		assertThat(RequestPredicates.host(pattern).test(request)).isEqualTo(expected);
	}

	@Test
	void hostIsThatOfAnAbsoluteTargetWhateverTheHeaderSays() {
		RequestHeader request = RequestHeader.of("GET", "http://api.example.org:80/x");
		request.headers().set("Host", "admin.example.org");

		assertThat(RequestPredicates.host("api.example.org").test(request)).isTrue();
		assertThat(RequestPredicates.host("admin.example.org").test(request)).isFalse();
	}

	@Test
	void aRequestWithoutHostMatchesNoHost() {
		assertThat(RequestPredicates.host("**").test(RequestHeader.of("GET", "/"))).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a.example.org:80", "[::1]:80", "a..b", ".a", "a.**", "a**.b", "a/b", "a b", "{x:y}.b",
			"b\u00fccher.example" })
	void refusesHostPatternsThatAreMalformed(String pattern) {
		assertThatIllegalArgumentException().isThrownBy(() -> RequestPredicates.host(pattern))
			.withMessageStartingWith("host pattern")
			.withMessageContaining("(expected: ");
	}

	@ParameterizedTest
	@CsvSource({ "GET,true", "POST,true", "PUT,false", "get,false" })
	void methodIsOneOfTheList(String method, boolean expected) {
		assertThat(RequestPredicates.method("GET", "POST").test(RequestHeader.of(method, "/"))).isEqualTo(expected);
	}

	@Test
	void refusesMethodsThatNoClientSends() {
		assertThatIllegalArgumentException().isThrownBy(() -> RequestPredicates.method("get"))
			.withMessage("method: 'get' (expected: GET)");
		assertThatIllegalArgumentException().isThrownBy(() -> RequestPredicates.method("G T"))
			.withMessageContaining("'G T'");
		assertThat(RequestPredicates.method("purge").test(RequestHeader.of("purge", "/"))).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "X-Id,,true", "x-id,,true", "X-Other,,false", "X-Id,[0-9]+,true", "X-Id,b,true", "X-Id,[0-9],false",
			"X-Other,.*,false" })
	void headerIsThereWithAWholeValueThatMatches(String name, String regexp, boolean expected) {
		RequestHeader request = RequestHeader.of("GET", "/");
		request.headers().add("X-Id", "12").add("X-Id", "b");
		RequestPredicate predicate = (regexp != null) ? RequestPredicates.header(name, regexp)
				: RequestPredicates.header(name);

		assertThat(predicate.test(request)).isEqualTo(expected);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "/x?a=1 | a | | true", "/x?a | a | | true", "/x?b&a= | a | | true", "/x | a | | false",
					"/x? | a | | false", "/x?aa=1&b=a | a | | false", "/x?a=1&a=22 | a | [0-9]{2} | true",
					"/x?a=123 | a | [0-9]{2} | false", "/x?%61=1 | a | 1 | true", "/x?A=1 | a | | false",
					"/x?a+b=c%2Bd | a b | c\\+d | true", "/x?a=%C3%A9 | a | \u00e9 | true", "/x?a=%zz | a | %zz | true",
					"/x?a=b=c | a | b=c | true", "/x?a | a | .+ | false", "/x?a | a | .* | true",
					"/x?=1&&a=2 | a | 2 | true", "http://h?a=1 | a | 1 | true" })
	void queryHasADecodedParameterWithAWholeValueThatMatches(String target, String param, String regexp,
			boolean expected) {
		RequestHeader request = RequestHeader.of("GET", target);
		RequestPredicate predicate = (regexp != null) ? RequestPredicates.query(param, regexp)
				: RequestPredicates.query(param);

		assertThat(predicate.test(request)).isEqualTo(expected);
	}

	@Test
	void refusesRegularExpressionsThatAreMalformed() {
		assertThatIllegalArgumentException().isThrownBy(() -> RequestPredicates.header("X", "("))
			.withMessageStartingWith("regexp: '(' (expected: a regular expression");
		assertThatIllegalArgumentException().isThrownBy(() -> RequestPredicates.query("x", "["))
			.withMessageStartingWith("regexp: '['");
		assertThatIllegalArgumentException().isThrownBy(() -> RequestPredicates.header("a b"))
			.withMessageContaining("'a b'");
		assertThatIllegalArgumentException().isThrownBy(() -> RequestPredicates.query(""));
		assertThatIllegalArgumentException().isThrownBy(() -> RequestPredicates.path());
	}

	@Test
	void predicatesShowThemselvesInTheShortcutSyntax() {
		assertThat(RequestPredicates.path("/a/**", "/b")).hasToString("Path=/a/**, /b");
		assertThat(RequestPredicates.host("**.a.org")).hasToString("Host=**.a.org");
		assertThat(RequestPredicates.method("GET", "POST")).hasToString("Method=GET, POST");
		assertThat(RequestPredicates.header("X", "a+")).hasToString("Header=X, a+");
		assertThat(RequestPredicates.query("q")).hasToString("Query=q");
		assertThat(RequestPredicates.named("Beta", (request) -> true)).hasToString("Beta");
	}

}
