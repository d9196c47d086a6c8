package dev.pingora.autoconfigure;

/**
 * Maps {@code pingora.panic.history}. Filters may need the isolation border, so that it
 * is made before all properties are mapped: it takes a wrong size for the nearest right
 * one, and the mistake is told with all others.
 */
final class PanicHistorySize {

	private static final int LEAST = 1;

	private static final int MOST = 10_000;

	private PanicHistorySize() {
	}

	static int of(PingoraProperties properties) {
		return Math.min(Math.max(properties.panic().history(), LEAST), MOST);
	}

	static void check(PingoraProperties properties, Problems problems) {
		problems.range("pingora.panic.history", properties.panic().history(), LEAST, MOST);
	}

}
