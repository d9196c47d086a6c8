package dev.pingora.autoconfigure.sentry;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicSite;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which panics are alike.
 */
class PanicFingerprintTests {

	private static final String[] SITE = { "phase requestFilter", "filter geo", "route orders" };

	private static List<String> fingerprint(PanicFingerprint fingerprint, String... classes) {
		IllegalStateException thrown = new IllegalStateException("at " + Instant.now());
		thrown.setStackTrace(Stream.of(classes)
			.map((name) -> new StackTraceElement(name, "run", "X.java", Math.abs((int) System.nanoTime())))
			.toArray(StackTraceElement[]::new));
		return fingerprint.of(new Panic(1, Instant.now(), "t", Panics.SITE, thrown));
	}

	private static PanicFingerprint inApp(String prefix) {
		return new PanicFingerprint((name) -> name.startsWith(prefix));
	}

	private static String[] expected(String... frames) {
		return Stream.of(Stream.of("java.lang.IllegalStateException"), Stream.of(frames), Stream.of(SITE))
			.flatMap((parts) -> parts)
			.toArray(String[]::new);
	}

	@Test
	void threeTopFramesOfTheApplicationCount() {
		assertThat(fingerprint(inApp("shop."), "java.util.Objects", "shop.A", "lib.B", "shop.C", "shop.D", "shop.E"))
			.containsExactly(expected("shop.A.run", "shop.C.run", "shop.D.run"));
	}

	@Test
	void withoutKnownOnesThoseOfNoLibraryCount() {
		assertThat(fingerprint(inApp("?"), "java.util.Objects", "io.netty.X", "shop.A", "dev.pingora.Y"))
			.containsExactly(expected("shop.A.run"));
	}

	@Test
	void withLibrariesAloneTheTopFramesCount() {
		assertThat(fingerprint(inApp("?"), "java.util.Objects", "io.netty.X"))
			.containsExactly(expected("java.util.Objects.run", "io.netty.X.run"));
	}

	@Test
	void namesThatAreMadeAtRunTimeDoNotPartThem() {
		assertThat(fingerprint(inApp("shop."), "shop.A$$Lambda/0x0000a1"))
			.isEqualTo(fingerprint(inApp("shop."), "shop.A$$Lambda/0x0000b2"));
	}

	@Test
	void panicWithoutAStackHasItsSite() {
		assertThat(fingerprint(inApp("shop."))).containsExactly(expected());
		assertThat(inApp("?").of(new Panic(1, Instant.now(), "t", PanicSite.of("engine", null), new Error("x"))))
			.endsWith("phase engine", "filter -", "route -");
	}

}
