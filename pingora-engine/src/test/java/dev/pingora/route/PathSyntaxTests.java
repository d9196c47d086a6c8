package dev.pingora.route;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class PathSyntaxTests {

	@ParameterizedTest
	@ValueSource(strings = { "/", "//", "/a", "/a/", "/...", "/.a", "/a.", "/..a", "/a..", "/.well-known/x", "/a/.../b",
			"/%252e%252e/", "/%2e%2e%2e", "/a%2Fb", "/a;v=..", "/a;/..b", "/%20", "/\u00e9", "/a:b@c,d!e$f&g(h)*+=~'",
			"/a%3Bb", "/%23", "/[x]|^`{}<>\"" })
	void allows(String path) {
		assertThat(PathSyntax.flaw(path)).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/.", "/..", "/./", "/../", "/a/./b", "/a/../b", "/a/..", "/%2e", "/%2E%2e", "/.%2e/a",
			"/%2e./a", "/a/%2e%2E/b", "/..%2fb", "/a%2f..", "/a%2F%2e%2e%2Fb", "/a/..;/b", "/a/..;x=1/b", "/a/.;/b",
			"/a/%2e%2e;/b", "/a/..%3bx/b", "/a%2f.%2fb", "//..//" })
	void refusesDotSegments(String path) {
		assertThat(PathSyntax.flaw(path)).isEqualTo("no dot segments");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "'' | leading slash", "a | leading slash", "/% | hexadecimal", "/%2 | hexadecimal",
					"/%zz | hexadecimal", "/%2g | hexadecimal", "/%%41 | hexadecimal", "/a%-1 | hexadecimal",
					"/%u002e | hexadecimal", "/%00 | no %00", "/a%00.png | no %00", "/a\\b | no backslash",
					"/..\\b | no backslash", "/a%5cb | no backslash", "/a%5C..%5Cb | no backslash", "/a#b | no #",
					"'/a b' | visible octets", "/\u007f | visible octets", "/\u0100 | visible octets" })
	void refuses(String path, String expectation) {
		assertThat(PathSyntax.flaw(path)).contains(expectation);
	}

}
