package dev.pingora.panic;

import io.netty.util.internal.OutOfDirectMemoryError;

/**
 * Tells an exhausted direct memory, which refuses one buffer, from an exhausted heap.
 */
final class DirectMemory {

	private DirectMemory() {
	}

	static boolean isExhausted(Throwable thrown) {
		if (thrown instanceof OutOfDirectMemoryError) { // Netty's own accounting
			return true;
		}
		String message = thrown.getMessage(); // the JDK's has no type of its own
		return thrown instanceof OutOfMemoryError && message != null && message.contains("direct buffer memory");
	}

}
