package dev.pingora.demo.traffic;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/**
 * A request of a bystander, and the body that it expects.
 *
 * @param request the whole request
 * @param expected makes the expected body of the answer's fields, whose names are in
 * lower case
 */
record Call(String request, Function<Map<String, String>, byte[]> expected) {

	private static final int BYTES = 20_000;

	private static final int SLOWEST_MILLIS = 40;

	/**
	 * Returns the call of a turn: every sixth takes a while, so that there are always
	 * some under way.
	 * @param turn the number of the turn
	 * @return the call
	 */
	static Call of(int turn) {
		return switch (turn % 6) {
			case 1 -> echo("turn " + turn + " of " + Thread.currentThread().getName());
			case 3 -> bytes();
			case 5 -> slow(ThreadLocalRandom.current().nextInt(5, SLOWEST_MILLIS));
			default -> hello();
		};
	}

	// The body names its origin as the field does: a mixed up answer would not.
	private static Call hello() {
		return new Call(get("/hello"), (fields) -> octets("Hello from " + fields.get("x-origin") + "\n"));
	}

	private static Call echo(String body) {
		return new Call(
				"POST /echo HTTP/1.1\r\nHost: bystander\r\nContent-Length: " + body.length() + "\r\n\r\n" + body,
				(fields) -> octets(body));
	}

	private static Call bytes() {
		return new Call(get("/bytes?n=" + BYTES), (fields) -> new byte[BYTES]);
	}

	private static Call slow(int millis) {
		return new Call(get("/slow?ms=" + millis), (fields) -> octets("Slept for " + millis + " ms\n"));
	}

	private static String get(String target) {
		return "GET " + target + " HTTP/1.1\r\nHost: bystander\r\n\r\n";
	}

	private static byte[] octets(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * Returns what is wrong with an answer.
	 * @param answer the answer
	 * @return a text, empty if nothing is
	 */
	String complaint(Answer answer) {
		String line = this.request.substring(0, this.request.indexOf("\r\n"));
		if (answer.status() != 200) {
			return line + ": status " + answer.status();
		}
		return Arrays.equals(answer.body(), this.expected.apply(answer.fields())) ? "" : line + ": another body";
	}

}
