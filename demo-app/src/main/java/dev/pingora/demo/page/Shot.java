package dev.pingora.demo.page;

import org.jspecify.annotations.Nullable;

/**
 * A request that was to panic, as its client saw it.
 *
 * @param phase the phase in which it was to panic
 * @param kind the class that was to be thrown
 * @param request the request, such as {@code GET /hello}
 * @param end how the connection ended: {@code reset}, {@code closed} or {@code timeout}
 * @param status the status that came, or {@code null} if none came
 * @param bytes how many octets came, the head included
 * @param panicId the number of its panic, or {@code null} if it had none
 */
record Shot(String phase, String kind, String request, String end, @Nullable Integer status, int bytes,
		@Nullable Long panicId) {

	Shot of(@Nullable Long panic) {
		return new Shot(this.phase, this.kind, this.request, this.end, this.status, this.bytes, panic);
	}

}
