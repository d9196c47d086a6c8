package dev.pingora.http;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for what {@link RequestHeader}, {@link ResponseHeader} and {@link Headers} allow
 * before and after their table is recycled.
 */
class HeaderLifeTests {

	private static final LineVisitor NO_LINE = new LineVisitor() {

		@Override
		public void octets(byte[] bytes, int start, int end) {
			throw new AssertionError("shown after the end");
		}

		@Override
		public void text(String text) {
			throw new AssertionError("shown after the end");
		}

	};

	private static final FieldVisitor NO_FIELD = new FieldVisitor() {

		@Override
		public void octets(HeadTable table, int field) {
			throw new AssertionError("shown after the end");
		}

		@Override
		public void text(int known, String name, String value) {
			throw new AssertionError("shown after the end");
		}

	};

	private record Use(String name, Runnable action) {
	}

	private static List<Use> uses(Headers headers) {
		return List.of(new Use("size", headers::size), new Use("contains", () -> headers.contains("a")),
				new Use("first", () -> headers.first("a")), new Use("all", () -> headers.all("a")),
				new Use("add", () -> headers.add("a", "b")), new Use("set", () -> headers.set("a", "b")),
				new Use("remove", () -> headers.remove("a")),
				new Use("forEach", () -> headers.forEach((name, value) -> {
				})), new Use("copy", headers::copy), new Use("detach", headers::detach),
				new Use("visit", () -> headers.visit(NO_FIELD)),
				new Use("visitReceived", () -> headers.visitReceived(NO_FIELD)),
				new Use("visitReceived", () -> headers.visitReceived(KnownField.CONNECTION, NO_FIELD)));
	}

	private static List<Use> uses(RequestHeader header) {
		return List.of(new Use("method", header::method), new Use("setMethod", () -> header.setMethod("PUT")),
				new Use("target", header::target), new Use("setTarget", () -> header.setTarget("/")),
				new Use("path", header::path), new Use("setPath", () -> header.setPath("/")),
				new Use("query", header::query), new Use("version", header::version),
				new Use("headers", header::headers), new Use("hasHeader", () -> header.hasHeader("a")),
				new Use("header", () -> header.header("a")), new Use("copy", header::copy),
				new Use("detach", header::detach), new Use("visitMethod", () -> header.visitMethod(NO_LINE)),
				new Use("visitTarget", () -> header.visitTarget(NO_LINE)), new Use("toString", header::toString));
	}

	private static List<Use> uses(ResponseHeader header) {
		return List.of(new Use("status", header::status), new Use("setStatus", () -> header.setStatus(200)),
				new Use("reason", header::reason), new Use("version", header::version),
				new Use("headers", header::headers), new Use("hasHeader", () -> header.hasHeader("a")),
				new Use("header", () -> header.header("a")), new Use("detach", header::detach),
				new Use("visitReason", () -> header.visitReason(NO_LINE)), new Use("toString", header::toString));
	}

	@TestFactory
	Stream<DynamicTest> everyUseAfterTheEndIsRefused() {
		HeadTable table = Tables.request("GET", "/a", "A", "b");
		RequestHeader request = table.request();
		RequestHeader edited = table.request();
		edited.setMethod("PUT");
		edited.setTarget("/edited");
		edited.headers().set("A", "c");
		RequestHeader read = table.request();
		assertThat(read.method() + read.target() + read.header("a")).isEqualTo("GET/ab");
		Headers copy = request.headers().copy();
		HeadTable responseTable = Tables.response(200, "OK", "A", "b");
		ResponseHeader response = responseTable.response();
		Stream<Use> uses = Stream
			.of(uses(request), uses(edited), uses(read), uses(request.copy()), uses(request.headers()), uses(copy),
					uses(edited.headers()), uses(response), uses(response.headers()))
			.flatMap(List::stream);
		assertThat(table.recycle() && responseTable.recycle()).isTrue();
		Tables.fillRequest(table, "STOLEN", "/secret", "A", "secret");
		return uses.map((use) -> DynamicTest.dynamicTest(use.name(),
				() -> assertThatIllegalStateException().isThrownBy(use.action()::run)));
	}

	@Test
	void reusedTableShowsThroughNoOldHeader() {
		HeadTable table = new HeadTable();
		RequestHeader previous = null;
		for (int i = 0; i < 100; i++) {
			Tables.fillRequest(table, "GET", "/" + i, "A", "v" + i);
			RequestHeader present = table.request();
			assertThat(present.target()).isEqualTo("/" + i);
			assertThat(present.header("a")).isEqualTo("v" + i);
			if (previous != null) {
				RequestHeader old = previous;
				assertThatIllegalStateException().isThrownBy(() -> old.header("a"));
			}
			previous = present;
			table.recycle();
		}
	}

	@Test
	void detachedHeadersOutliveTheTable() {
		HeadTable table = Tables.request("GET", "/a?b", "A", "c");
		RequestHeader header = table.request();
		header.headers().add("D", "e");
		RequestHeader detached = header.detach();
		HeadTable responseTable = Tables.response(404, "Gone fishing", "A", "b");
		ResponseHeader response = responseTable.response().detach();
		table.recycle();
		responseTable.recycle();
		assertThat(detached.method()).isEqualTo("GET");
		assertThat(detached.target()).isEqualTo("/a?b");
		assertThat(detached.header("a")).isEqualTo("c");
		assertThat(detached.header("d")).isEqualTo("e");
		assertThat(response.status()).isEqualTo(404);
		assertThat(response.header("a")).isEqualTo("b");
	}

	@Test
	void pinnedHeadStaysReadableAndItsTableIsNotReused() {
		HeadTable table = Tables.request("GET", "/a", "A", "b");
		RequestHeader header = table.request();
		HeadPins.pin(header);
		assertThat(table.recycle()).isFalse();
		assertThat(header.header("a")).isEqualTo("b");
		HeadPins.unpin(header);
		assertThatIllegalStateException().isThrownBy(header::method);
	}

	@Test
	void unpinningWithoutPinningEndsNothing() {
		HeadTable table = Tables.response(200, "OK");
		ResponseHeader header = table.response();
		HeadPins.unpin(header);
		assertThat(header.reason()).isEqualTo("OK");
		HeadPins.pin(ResponseHeader.of(200));
		HeadPins.unpin(RequestHeader.of("GET", "/"));
		assertThat(table.recycle()).isTrue();
	}

	@Test
	void largeTableGivesItsMemoryBack() {
		HeadTable table = Tables.request("GET", "/" + "a".repeat(20_000), "A", "b");
		assertThat(table.bytes().length).isGreaterThan(20_000);
		table.recycle();
		assertThat(table.bytes()).hasSize(1024);
		assertThat(table.length() + table.fields()).isZero();
	}

	@Test
	void tableCanNotBeTruncatedBeyondItsContent() {
		HeadTable table = Tables.request("GET", "/");
		assertThatIllegalArgumentException().isThrownBy(() -> table.truncate(5));
		assertThatIllegalArgumentException().isThrownBy(() -> table.truncate(-1));
	}

}
