package dev.pingora.http;

import org.jspecify.annotations.Nullable;

/**
 * Keeps heads readable although their codec is done with them: a task that is cut off may
 * still have code that looks at them. For the engine's core. Used by the thread that owns
 * the head.
 */
public final class HeadPins {

	private HeadPins() {
	}

	/**
	 * Keeps a request's head readable; its table is left to the garbage collector.
	 * @param header the header
	 */
	public static void pin(RequestHeader header) {
		pin(header.tableOrNull());
	}

	/**
	 * Keeps a response's head readable; see {@link #pin(RequestHeader)}.
	 * @param header the header
	 */
	public static void pin(ResponseHeader header) {
		pin(header.tableOrNull());
	}

	private static void pin(@Nullable HeadTable table) {
		if (table != null) {
			table.pin();
		}
	}

	/**
	 * Ends what {@link #pin(RequestHeader)} began: the header can't be used any more.
	 * @param header the header
	 */
	public static void unpin(RequestHeader header) {
		unpin(header.tableOrNull());
	}

	/**
	 * Ends what {@link #pin(ResponseHeader)} began: the header can't be used any more.
	 * @param header the header
	 */
	public static void unpin(ResponseHeader header) {
		unpin(header.tableOrNull());
	}

	private static void unpin(@Nullable HeadTable table) {
		if (table != null) {
			table.unpin();
		}
	}

}
