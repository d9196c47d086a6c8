package dev.pingora.http;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for the start lines of {@link RequestHeader} and {@link ResponseHeader}.
 */
class StartLineTests {

	@ParameterizedTest
	@ValueSource(strings = { "", "G T", "GET\r", "GET\n", "GET\0", "G\u00cbT", "GET /", "(" })
	void methodThatIsNoTokenIsRefused(String method) {
		RequestHeader header = RequestHeader.of("GET", "/");
		assertThatIllegalArgumentException().isThrownBy(() -> header.setMethod(method));
		assertThatIllegalArgumentException().isThrownBy(() -> RequestHeader.of(method, "/"));
		assertThat(header.method()).isEqualTo("GET");
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "", "/ HTTP/1.1", "/\r\nX: y", "/\n", "/\t", "/\0", "/\u007f", "/\u010d", "/\u560a", "/#x" })
	void targetThatCouldNotBeSentIsRefused(String target) {
		RequestHeader header = RequestHeader.of("GET", "/old");
		assertThatIllegalArgumentException().isThrownBy(() -> header.setTarget(target));
		assertThatIllegalArgumentException().isThrownBy(() -> header.setPath(target));
		assertThat(header.target()).isEqualTo("/old");
	}

	@ParameterizedTest
	@CsvSource(nullValues = "null",
			value = { "/a,/a,null", "/a?b,/a,b", "/a?,/a,''", "/a?b?c,/a,b?c", "/a?b=http://c/d,/a,b=http://c/d",
					"http://h/a?b,/a,b", "http://h?b,/,b", "http://h,/,null", "HTTP://h:80/a,/a,null", "*,*,null",
					"//h/a,//h/a,null" })
	void pathAndQueryAreFoundInEveryForm(String target, String path, String query) {
		RequestHeader header = Tables.request("GET", target).request();
		assertThat(header.path()).isEqualTo(path);
		assertThat(header.query()).isEqualTo(query);
	}

	@Test
	void methodIsComparedWithItsCase() {
		RequestHeader received = Tables.request("OPTIONS", "*").request();
		for (boolean made : new boolean[] { false, true }) {
			assertThat(received.isMethod("OPTIONS")).as("made %s", made).isTrue();
			for (String other : new String[] { "options", "OPTION", "OPTIONSX", "", "GET" }) {
				assertThat(received.isMethod(other)).as(other).isFalse();
			}
			assertThat(received.method()).isEqualTo("OPTIONS");
		}
		received.setMethod("GET");
		assertThat(received.isMethod("GET")).isTrue();
		assertThat(received.isMethod("OPTIONS")).isFalse();
		assertThat(RequestHeader.of("PUT", "/").isMethod("PUT")).isTrue();
	}

	@Test
	void newPathKeepsTheQuery() {
		RequestHeader header = Tables.request("GET", "http://h/a?b").request();
		header.setPath("/c");
		assertThat(header.target()).isEqualTo("/c?b");
		RequestHeader withoutQuery = RequestHeader.of("GET", "/a");
		withoutQuery.setPath("/c");
		assertThat(withoutQuery.target()).isEqualTo("/c");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/c?", "/c?d", "?", "/?d=e" })
	void newPathHasNoQuery(String path) {
		for (String target : new String[] { "/a", "/a?b" }) {
			RequestHeader header = RequestHeader.of("GET", target);
			assertThatIllegalArgumentException().isThrownBy(() -> header.setPath(path));
			assertThat(header.target()).isEqualTo(target);
		}
	}

	@ParameterizedTest
	@CsvSource({ "OPTIONS,http://h,*", "OPTIONS,http://h/,/", "OPTIONS,http://h?b,/", "OPTIONS,*,*", "GET,http://h,/",
			"options,http://h,/" })
	void optionsWithoutAPathIsForTheWholeServer(String method, String target, String path) {
		assertThat(Tables.request(method, target).request().path()).isEqualTo(path);
	}

	@ParameterizedTest
	@ValueSource(ints = { 99, 1000, 0, -1, Integer.MAX_VALUE })
	void statusOutOfRangeIsRefused(int status) {
		ResponseHeader header = ResponseHeader.of(200);
		assertThatIllegalArgumentException().isThrownBy(() -> header.setStatus(status));
		assertThatIllegalArgumentException().isThrownBy(() -> ResponseHeader.of(status));
		assertThat(header.status()).isEqualTo(200);
	}

	@Test
	void reasonIsTheReceivedOneUntilCodeSetsTheStatus() {
		ResponseHeader header = Tables.response(200, "Fine").response();
		assertThat(header.reason()).isEqualTo("Fine");
		header.setStatus(404);
		assertThat(header.reason()).isEqualTo("Not Found");
		header.setStatus(799);
		assertThat(header.reason()).isEmpty();
	}

	@Test
	void textShowsNoQueryAndNoFields() {
		RequestHeader header = RequestHeader.of("GET", "/a?secret");
		header.headers().set("Cookie", "secret");
		assertThat(header).hasToString("GET /a");
		assertThat(ResponseHeader.of(200)).hasToString("200 OK");
	}

}
