package dev.pingora.panic;

import io.netty.util.internal.OutOfDirectMemoryError;

/**
 * Tells an exhausted direct memory, which refuses one buffer, from an exhausted heap.
 */
final class DirectMemory {

	private DirectMemory() {
	}

	// The message is asked for only where it is the JDK's own: a user's may panic.
	static boolean isExhausted(Throwable thrown) {
		if (thrown instanceof OutOfDirectMemoryError) { // Netty's own accounting
			return true;
		}
		if (thrown.getClass() != OutOfMemoryError.class) {
			return false;
		}
		String message = thrown.getMessage(); // the JDK's has no type of its own
		return message != null && message.contains("direct buffer memory");
	}

}
