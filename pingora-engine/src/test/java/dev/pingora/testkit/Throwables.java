package dev.pingora.testkit;

import java.io.IOException;
import java.util.function.Supplier;

/**
 * What user code may throw to panic: each kind that a careless border would let through.
 */
public enum Throwables {

	/** An ordinary {@link RuntimeException}. */
	RUNTIME(() -> new RuntimeException(Throwables.MESSAGE)),

	/** An {@link IOException} that no signature announces. */
	SNEAKY_CHECKED(() -> new IOException(Throwables.MESSAGE)),

	/** An {@link AssertionError}. */
	ASSERTION(() -> new AssertionError(Throwables.MESSAGE)),

	/** A {@link StackOverflowError} of a real recursion. */
	STACK_OVERFLOW(() -> {
		recurse(0);
		return new IllegalStateException("the recursion ended");
	}),

	/** A {@link NoClassDefFoundError}. */
	NO_CLASS_DEF(() -> new NoClassDefFoundError("dev/pingora/Missing")),

	/** An {@link OutOfMemoryError} thrown by hand: no memory is used up. */
	OUT_OF_MEMORY(() -> new OutOfMemoryError(Throwables.MESSAGE));

	/** The message of the kinds that carry one. */
	public static final String MESSAGE = "deliberate panic";

	private final Supplier<Throwable> source;

	Throwables(Supplier<Throwable> source) {
		this.source = source;
	}

	/**
	 * Throws it.
	 * @param <T> whatever the caller's signature needs
	 * @return nothing: so that a caller can write {@code return} or {@code throw}
	 */
	public <T> T raise() {
		throw sneaky(this.source.get());
	}

	@SuppressWarnings("unchecked")
	private static <X extends Throwable> RuntimeException sneaky(Throwable thrown) throws X {
		throw (X) thrown;
	}

	private static long recurse(long depth) {
		return 1 + recurse(depth + 1);
	}

}
