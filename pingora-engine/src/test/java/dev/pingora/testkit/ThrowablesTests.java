package dev.pingora.testkit;

import java.io.IOException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tests for {@link Throwables}.
 */
class ThrowablesTests {

	@ParameterizedTest
	@EnumSource
	void raisesItsKind(Throwables kind) {
		Class<?> expected = switch (kind) {
			case RUNTIME -> RuntimeException.class;
			case SNEAKY_CHECKED -> IOException.class;
			case ASSERTION -> AssertionError.class;
			case STACK_OVERFLOW -> StackOverflowError.class;
			case NO_CLASS_DEF -> NoClassDefFoundError.class;
			case OUT_OF_MEMORY -> OutOfMemoryError.class;
		};
		assertThat(catchThrowable(kind::raise)).isExactlyInstanceOf(expected);
	}

	@Test
	void raisesWhereAValueIsExpected() {
		assertThat(catchThrowable(() -> {
			String value = Throwables.RUNTIME.raise();
			assertThat(value).isNull();
		})).hasMessage(Throwables.MESSAGE);
	}

}
