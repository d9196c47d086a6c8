package dev.pingora.protocol.h1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import dev.pingora.error.ErrorType;
import dev.pingora.error.Retry;
import dev.pingora.testkit.Octets;

/**
 * What a peer's octets say to one request, read message by message: interim responses,
 * and the final one.
 *
 * @param toHead whether the request is a HEAD
 * @param messages the complete messages
 * @param shown all that there is to tell, as {@link ResponseStreamReading} tells it
 * @param from where it begins
 * @param end where it ends, or -1 if it is not complete
 * @param tunnel whether it ends in another protocol
 */
record Answer(boolean toHead, List<Reading> messages, String shown, int from, int end, boolean tunnel) {

	/** RFC 9110 section 15.2 knows no limit. */
	private static final int MOST_INTERIM = 32;

	/**
	 * Reads all that a peer says, as far as it can be understood.
	 * @param dialogue what it says and what it was asked
	 * @return the answers, one at least
	 */
	static List<Answer> allOf(Dialogue dialogue) {
		List<Answer> answers = new ArrayList<>();
		Answer answer = new Parts(dialogue, 0, 0).read();
		answers.add(answer);
		while (answer.end >= 0 && !answer.endsConnection()) {
			answer = new Parts(dialogue, answers.size(), answer.end).read();
			answers.add(answer);
		}
		return answers;
	}

	static String refused(ErrorType type) {
		return Reading.refused(type).outcome();
	}

	static String unfinished(boolean broken, Retry retry) {
		return (broken ? "broken " : "closed ") + retry;
	}

	static String interim(List<String> head) {
		return "interim " + head + " ";
	}

	/**
	 * Returns whether what follows can't be an answer.
	 * @return whether it goes on for ever
	 */
	boolean endsConnection() {
		return this.tunnel || isUntilClose(last(), this.toHead);
	}

	// RFC 9112 section 6.3, rules 1 and 8
	private static boolean isUntilClose(Reading last, boolean toHead) {
		String status = last.head().get(0);
		return !toHead && !status.equals("204") && !status.equals("304") && values(last, "content-length").isEmpty()
				&& values(last, "transfer-encoding").isEmpty();
	}

	/**
	 * Returns whether the connection may not serve another request.
	 * @return whether it is forbidden
	 */
	boolean mustEnd() {
		// RFC 9112 section 9.3
		boolean old = last().head().get(2).equals("HTTP/1.0");
		return this.end < 0 || endsConnection() || this.messages.stream().anyMatch(Answer::saysClose)
				|| this.messages.stream().anyMatch(Answer::mayHaveBody)
				|| (old && !values(last(), "connection").contains("keep-alive"));
	}

	/**
	 * Returns whether nothing speaks against it.
	 * @return whether the connection should serve another request
	 */
	boolean shouldGoOn() {
		return this.end >= 0 && !endsConnection() && this.messages.stream().allMatch(Answer::isPlain);
	}

	private Reading last() {
		return this.messages.get(this.messages.size() - 1);
	}

	private static boolean saysClose(Reading message) {
		return values(message, "connection").contains("close");
	}

	// Who sends what RFC 9110 section 8.6 and RFC 9112 section 6.1 forbid where there is
	// no body may send one.
	private static boolean mayHaveBody(Reading message) {
		boolean zero = values(message, "content-length").stream().allMatch((value) -> value.matches("0*"));
		return isBare(message) && !(zero && values(message, "transfer-encoding").isEmpty());
	}

	private static boolean isBare(Reading message) {
		String status = message.head().get(0);
		return status.equals("204") || status.startsWith("1");
	}

	// One without a body says nothing of any (RFC 9110 section 8.6).
	private static boolean isPlain(Reading message) {
		return message.head().get(2).equals("HTTP/1.1") && values(message, "connection").isEmpty() && !(isBare(message)
				&& values(message, "content-length").size() + values(message, "transfer-encoding").size() > 0);
	}

	private static List<String> values(Reading message, String name) {
		return lines(message, name)
			.flatMap((line) -> Arrays.stream(line.substring(name.length() + 1).split("[ \t]*,[ \t]*", -1)))
			.toList();
	}

	// Of the fields, that is, which follow the start line's three parts.
	private static Stream<String> lines(Reading message, String name) {
		return message.head()
			.stream()
			.skip(3)
			.map((line) -> line.toLowerCase(Locale.ROOT))
			.filter((line) -> line.startsWith(name + "="));
	}

	/** Reads one answer. */
	private static final class Parts {

		private final Dialogue dialogue;

		private final int request;

		private final int from;

		private final List<Reading> messages = new ArrayList<>();

		private final StringBuilder shown = new StringBuilder();

		private int at;

		private Parts(Dialogue dialogue, int request, int from) {
			this.dialogue = dialogue;
			this.request = request;
			this.from = from;
			this.at = from;
		}

		private Answer read() {
			Reading message = next();
			while (message.isComplete() && message.head().get(0).startsWith("1")) {
				this.at += message.end();
				this.messages.add(message);
				if (message.head().get(0).equals("101")) {
					return switched(message);
				}
				if (this.messages.size() > MOST_INTERIM) {
					return answer(refused(ErrorType.INVALID_HTTP_HEADER), -1, false);
				}
				if (this.at - this.from > Heads.LIMITS.size()) {
					return answer(refused(ErrorType.HEADER_TOO_LARGE), -1, false);
				}
				this.shown.append(interim(message.head()));
				message = next();
			}
			// RFC 9112 section 8: what breaks is not closed, and so it has no end.
			boolean broken = this.dialogue.breaks() && message.isComplete()
					&& isUntilClose(message, this.dialogue.isToHead(this.request));
			if (message.isComplete() && !broken) {
				this.messages.add(message);
				return answer(message.head() + "|" + message.body() + "|" + message.trailers(), this.at + message.end(),
						false);
			}
			if (message.isRefused()) {
				return answer(message.outcome(), -1, false);
			}
			boolean begun = this.from < this.dialogue.octets().length;
			String part = message.head().isEmpty() ? "" : message.head() + "|" + message.body() + "|";
			return answer(part + unfinished(this.dialogue.breaks(), begun ? Retry.NEVER : Retry.IF_REUSED), -1, false);
		}

		private Reading next() {
			byte[] octets = this.dialogue.octets();
			return OurReading.ofResponse(Arrays.copyOfRange(octets, this.at, octets.length),
					this.dialogue.isToHead(this.request));
		}

		// RFC 9110 section 7.8: only to what was asked for; what follows is raw.
		private Answer switched(Reading message) {
			List<String> upgrades = lines(message, "upgrade").toList();
			boolean agreed = this.dialogue.isToUpgrade(this.request)
					&& upgrades.equals(List.of("upgrade=" + Dialogue.PROTOCOL))
					&& values(message, "connection").contains("upgrade");
			if (!agreed) {
				return answer(refused(ErrorType.INVALID_HTTP_HEADER), -1, false);
			}
			byte[] octets = this.dialogue.octets();
			String rest = Octets.latin1(Arrays.copyOfRange(octets, this.at, octets.length));
			String shown = "tunnel " + message.head() + "|" + rest + "|";
			return this.dialogue.breaks() ? answer(shown + unfinished(true, Retry.NEVER), -1, true)
					: answer(shown + "[]", octets.length, true);
		}

		private Answer answer(String end, int endsAt, boolean tunnel) {
			return new Answer(this.dialogue.isToHead(this.request), this.messages, this.shown + end, this.from, endsAt,
					tunnel);
		}

	}

}
