package dev.pingora.testkit;

import java.time.Duration;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves anything behind: a buffer (each is counted, and reported with
 * where it was allocated), a socket or file, a thread of the engine or of Netty, or a
 * Throwable that only Netty's log knows of. It looks last, after {@code @AfterEach} and
 * {@code @AutoClose}, and gives asynchronous ends some time.
 * <p>
 * With {@code @ExtendWith} each test is checked, and then the class for what its
 * {@code @BeforeAll} has made. Where tests share a server that rightly keeps connections
 * from one to the next, register {@link #perClass()} in a static field.
 */
public final class EngineExtension implements BeforeAllCallback, BeforeEachCallback {

	private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace
		.create(EngineExtension.class);

	private final boolean eachTest;

	private final Duration patience;

	/**
	 * Checks each test and each class.
	 */
	public EngineExtension() {
		this(true, Await.PATIENCE);
	}

	private EngineExtension(boolean eachTest, Duration patience) {
		this.eachTest = eachTest;
		this.patience = patience;
	}

	/**
	 * Checks after the class only.
	 * @return the extension, for a static field with {@code @RegisterExtension}
	 */
	public static EngineExtension perClass() {
		return new EngineExtension(false, Await.PATIENCE);
	}

	/**
	 * Waits for another time until everything is gone.
	 * @param patience how long at most
	 * @return an extension that does so
	 */
	public EngineExtension patience(Duration patience) {
		return new EngineExtension(this.eachTest, patience);
	}

	@Override
	public void beforeAll(ExtensionContext context) {
		watch(context);
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		if (this.eachTest) {
			watch(context);
		}
	}

	// The store is closed last, and its failures count as the test's.
	private void watch(ExtensionContext context) {
		Leftovers leftovers = Leftovers.begin();
		context.getStore(NAMESPACE)
			.put(context.getUniqueId(), (AutoCloseable) () -> leftovers.assertNone(this.patience));
	}

}
