package dev.pingora.protocol.h1;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link NominatedFields}.
 */
class NominatedFieldsTests {

	private final NominatedFields nominated = new NominatedFields();

	private HeadTable read(String fields) throws ProxyException {
		HeadTable table = Heads.request("GET / HTTP/1.1\r\n" + fields + "\r\n");
		this.nominated.read(table.headers());
		return table;
	}

	private List<String> dropped(HeadTable table) {
		return IntStream.range(0, table.fields())
			.filter((field) -> this.nominated.contains(table, field))
			.mapToObj((field) -> Heads.name(table, field))
			.toList();
	}

	// Each name that is kept costs something at each field.
	@Test
	void nameThatIsRepeatedIsKeptOnce() throws ProxyException {
		HeadTable table = read("Connection: " + "a,B, A ,b,".repeat(6_000) + "a\r\nA: 1\r\nC: 2\r\nb: 3\r\n");
		assertThat(this.nominated.size()).isEqualTo(2);
		assertThat(dropped(table)).containsExactly("A", "b");
	}

	@ParameterizedTest
	@ValueSource(strings = { "Host: a", "Connection: keep-alive", "Connection: close", "connection: Upgrade",
			"Connection: keep-alive, Upgrade\r\nConnection: CLOSE", "Connection: TE, close", "Connection: , ,",
			"Connection:", "Connection: Cookie, Host, X-Forwarded-For" })
	void whatIsUsualKeepsNothing(String fields) throws ProxyException {
		HeadTable table = read(fields + "\r\nClose: 1\r\nCookie: a\r\nX-Forwarded-For: b\r\n");
		assertThat(this.nominated.size()).isZero();
		assertThat(dropped(table)).isEmpty();
	}

	@Test
	void eachOfManyNamesIsFound() throws ProxyException {
		String names = String.join(",", IntStream.range(0, 8_000).mapToObj((i) -> "x-" + i).toList());
		HeadTable table = read("Connection: " + names
				+ "\r\nX-0: a\r\nX-: b\r\nx-7999: c\r\nX-8000: d\r\nX-4000: e\r\nConnection: x-8001\r\nX-8001: f\r\n");
		assertThat(this.nominated.size()).isEqualTo(8_001);
		assertThat(dropped(table)).containsExactly("X-0", "x-7999", "X-4000", "X-8001");
	}

	// Names of one hash code, of which a client can make as many as it likes
	@Test
	void namesThatCollideAreToldApart() throws ProxyException {
		List<String> names = IntStream.range(0, 1 << 10)
			.mapToObj((bits) -> IntStream.range(0, 10)
				.mapToObj((bit) -> ((bits & (1 << bit)) != 0) ? "a~" : "b_")
				.reduce("", String::concat))
			.toList();
		assertThat(names).extracting(String::hashCode).containsOnly(names.get(0).hashCode());
		String last = names.get(names.size() - 1).toUpperCase(Locale.ROOT);
		HeadTable table = read("Connection: " + String.join(", ", names.subList(1, names.size())) + "\r\n"
				+ names.get(0) + ": kept\r\n" + last + ": dropped\r\n");
		assertThat(this.nominated.size()).isEqualTo(names.size() - 1);
		assertThat(dropped(table)).containsExactly(last);
	}

	@Test
	void nothingIsKeptWhenTheHeadIsDoneWith() throws ProxyException {
		HeadTable table = read("Connection: x\r\nX: 1\r\n");
		assertThat(dropped(table)).containsExactly("X");
		this.nominated.clear();
		assertThat(this.nominated.size()).isZero();
		assertThat(dropped(table)).isEmpty();
	}

}
