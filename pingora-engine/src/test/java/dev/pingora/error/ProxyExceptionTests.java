package dev.pingora.error;

import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link ProxyException}, {@link ErrorType} and {@link Retry}.
 */
class ProxyExceptionTests {

	private static ErrorType type(String name) throws ReflectiveOperationException {
		return (ErrorType) ErrorType.class.getField(name).get(null);
	}

	// upstream, downstream, internal
	@ParameterizedTest
	@CsvSource({ "CONNECT_TIMEDOUT,504,400,500", "CONNECT_REFUSED,502,400,500", "CONNECT_NO_ROUTE,502,400,500",
			"CONNECT_ERROR,502,400,500", "DNS_ERROR,502,400,500", "TOO_MANY_CONNECTIONS,503,503,503",
			"NO_BACKEND,503,503,503", "READ_TIMEDOUT,504,408,500", "READ_ERROR,502,0,500", "WRITE_TIMEDOUT,504,0,500",
			"WRITE_ERROR,502,0,500", "CONNECTION_CLOSED,502,0,500", "INVALID_HTTP_HEADER,502,400,500",
			"INVALID_TARGET,502,400,500", "INVALID_FRAMING,502,400,500", "UNSUPPORTED_CODING,502,501,500",
			"URI_TOO_LONG,502,414,500", "METHOD_NOT_ALLOWED,405,405,405", "EXPECTATION_FAILED,417,417,417",
			"MISDIRECTED_REQUEST,421,421,421", "HEADER_TOO_LARGE,502,431,500", "INVALID_BODY,502,400,500",
			"BODY_TOO_LARGE,502,413,500", "UNSUPPORTED_VERSION,502,505,500", "NO_ROUTE,404,404,404",
			"EXECUTOR_FULL,503,503,503", "OUT_OF_DIRECT_MEMORY,503,503,503", "SHUTDOWN,503,503,503",
			"INTERNAL_ERROR,500,500,500" })
	void statusFollowsFromTypeAndSource(String name, int upstream, int downstream, int internal)
			throws ReflectiveOperationException {
		ErrorType type = type(name);
		assertThat(ProxyException.upstream(type, "x").status()).isEqualTo(upstream);
		assertThat(ProxyException.downstream(type, "x").status()).isEqualTo(downstream);
		assertThat(ProxyException.internal(type, "x").status()).isEqualTo(internal);
		assertThat(type).hasToString(name.toLowerCase(Locale.ROOT));
	}

	@Test
	void userTypesFollowTheSource() {
		ErrorType custom = ErrorType.custom("quota");
		assertThat(ProxyException.upstream(custom, "x").status()).isEqualTo(502);
		assertThat(ProxyException.downstream(custom, "x").status()).isEqualTo(400);
		assertThat(ProxyException.internal(custom, "x").status()).isEqualTo(500);
		assertThat(ProxyException.httpStatus(429, "x").status()).isEqualTo(429);
		assertThat(ProxyException.downstream(ErrorType.httpStatus(503), "x").status()).isEqualTo(503);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 200, 399, 600, -1 })
	void onlyErrorsCanBeAnsweredAsErrors(int status) {
		assertThatIllegalArgumentException().isThrownBy(() -> ProxyException.httpStatus(status, "x"));
	}

	@Test
	void userTypeNeedsAName() {
		assertThatIllegalArgumentException().isThrownBy(() -> ErrorType.custom(" "));
	}

	@Test
	void failuresOfTheNetworkCarryNoStackTrace() {
		assertThat(ProxyException.upstream(ErrorType.CONNECT_REFUSED, "x").getStackTrace()).isEmpty();
		assertThat(ProxyException.upstream(ErrorType.READ_TIMEDOUT, "x").retryable().getStackTrace()).isEmpty();
		assertThat(ProxyException.downstream(ErrorType.INVALID_BODY, "x").withContext("y").getStackTrace()).isEmpty();
		assertThat(ProxyException.httpStatus(403, "x").getStackTrace()).isNotEmpty();
	}

	@Test
	void copiesKeepEverythingElse() {
		Throwable cause = new IllegalStateException();
		ProxyException error = ProxyException.internal(ErrorType.INTERNAL_ERROR, "inner").causedBy(cause);
		ProxyException copy = error.retryable().withContext("outer");
		assertThat(copy.type()).isEqualTo(ErrorType.INTERNAL_ERROR);
		assertThat(copy.source()).isEqualTo(ErrorSource.INTERNAL);
		assertThat(copy.retry()).isEqualTo(Retry.ALWAYS);
		assertThat(copy.context()).isEqualTo("outer: inner");
		assertThat(copy).hasMessage("internal internal_error: outer: inner").hasCause(cause);
		assertThat(copy.getStackTrace()).isEqualTo(error.getStackTrace());
		assertThat(error.retry()).isEqualTo(Retry.NEVER);
		assertThat(error.context()).isEqualTo("inner");
		assertThat(copy.withRetry(Retry.IF_REUSED).causedBy(new Error()).retry()).isEqualTo(Retry.IF_REUSED);
	}

	@Test
	void typesAreEqualIfNameAndStatusAre() {
		assertThat(ErrorType.httpStatus(404)).isEqualTo(ErrorType.httpStatus(404))
			.hasSameHashCodeAs(ErrorType.httpStatus(404))
			.isNotEqualTo(ErrorType.httpStatus(405))
			.hasToString("http_status(404)");
		assertThat(ErrorType.custom("a")).isEqualTo(ErrorType.custom("a")).isNotEqualTo(ErrorType.custom("b"));
		assertThat(ErrorType.READ_ERROR).isNotEqualTo(ErrorType.WRITE_ERROR).isNotEqualTo("read_error");
	}

	@Test
	void retryDependsOnTheConnectionOnlyIfItSaysSo() {
		assertThat(Retry.NEVER.shouldRetry(true) || Retry.NEVER.shouldRetry(false)).isFalse();
		assertThat(Retry.ALWAYS.shouldRetry(true) && Retry.ALWAYS.shouldRetry(false)).isTrue();
		assertThat(Retry.IF_REUSED.shouldRetry(true)).isTrue();
		assertThat(Retry.IF_REUSED.shouldRetry(false)).isFalse();
	}

}
