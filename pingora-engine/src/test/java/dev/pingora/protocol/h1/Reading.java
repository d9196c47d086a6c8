package dev.pingora.protocol.h1;

import java.util.List;

/**
 * What a decoder has made of octets: one message, or as much of it as was there.
 *
 * @param outcome how far it came; for a refusal, why
 * @param head the parts of the start line, then the fields in order, as
 * {@code name=value}; empty if the head is not complete
 * @param body the octets of the body, one character each
 * @param trailers the trailers in order, as {@code name=value}
 * @param end after how many octets the message was complete; else -1
 */
record Reading(String outcome, List<String> head, String body, List<String> trailers, int end) {

	static final String COMPLETE = "complete";

	static final String UNFINISHED = "unfinished";

	private static final String REFUSED = "refused: ";

	static Reading refused(Object why) {
		return new Reading(REFUSED + why, List.of(), "", List.of(), -1);
	}

	boolean isComplete() {
		return this.outcome.equals(COMPLETE);
	}

	boolean isRefused() {
		return this.outcome.startsWith(REFUSED);
	}

}
