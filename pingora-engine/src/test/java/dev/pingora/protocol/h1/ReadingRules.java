package dev.pingora.protocol.h1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import dev.pingora.protocol.h1.H1HeadParser.Kind;
import dev.pingora.testkit.Octets;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What holds for the reading of any octets, whatever they are; tests and fuzzers look for
 * octets for which it does not.
 */
final class ReadingRules {

	// Of longer inputs, not each cut is tried.
	private static final int ALL_CUTS = 300;

	private static final String CODING = "transfer-encoding";

	// A chunk's size, and a value without quotes with a blank behind it, or one with
	// quotes and an octet that is not ASCII.
	private static final Pattern NETTY_REFUSES = Pattern.compile(
			"\n\\p{XDigit}+[ \t]*;[^\r\n]*=[ \t]*([^\\x00-\\x20;=\"]+[ \t]+;|\"[^\r\n]*[\u0080-\u00ff])[^\r\n]*\r\n");

	private ReadingRules() {
	}

	/**
	 * Reads octets in many ways and compares.
	 * @param kind request or response
	 * @param octets the octets
	 * @return what they are
	 */
	static Reading check(Kind kind, byte[] octets) {
		Reading whole = OurReading.of(kind, octets);
		pieces(kind, octets, whole);
		if (whole.isComplete()) {
			exactEnd(kind, octets, whole);
			sameToNetty(kind, octets, whole);
		}
		return whole;
	}

	// RFC 9112 is about a stream: where the network cuts it means nothing.
	private static void pieces(Kind kind, byte[] octets, Reading whole) {
		assertThat(OurReading.octetByOctet(kind, octets)).as("octet by octet").isEqualTo(whole);
		int step = 1 + octets.length / ALL_CUTS;
		for (int cut = 1; cut < octets.length; cut += step) {
			assertThat(OurReading.of(kind, octets, cut)).as("cut at %d", cut).isEqualTo(whole);
		}
	}

	// Not an octet more is needed than the message has, and not one less will do.
	private static void exactEnd(Kind kind, byte[] octets, Reading whole) {
		assertThat(whole.end()).isBetween(1, octets.length);
		assertThat(OurReading.of(kind, Arrays.copyOf(octets, whole.end()))).as("the message alone").isEqualTo(whole);
		if (!untilClose(kind, octets, whole)) {
			Reading less = OurReading.of(kind, Arrays.copyOf(octets, whole.end() - 1));
			assertThat(less.outcome()).as("without its last octet").isEqualTo(Reading.UNFINISHED);
		}
	}

	private static boolean untilClose(Kind kind, byte[] octets, Reading whole) {
		byte[] more = Arrays.copyOf(octets, octets.length + 1);
		return kind == Kind.RESPONSE && OurReading.of(kind, more).end() > whole.end();
	}

	// What two recipients read differently is what request smuggling is made of.
	private static void sameToNetty(Kind kind, byte[] octets, Reading ours) {
		Reading nettys = NettyReading.of(kind, octets, ours.end(), untilClose(kind, octets, ours));
		if (nettys.isRefused() && hasExtensionThatNettyRefuses(Octets.latin1(octets))) {
			return;
		}
		if (switchesProtocols(kind, ours)) {
			nettys = new Reading(ours.outcome(), nettys.head(), "", List.of(), ours.end());
		}
		assertThat(comparable(kind, nettys)).as("Netty's reading of %s", Octets.latin1(octets))
			.isEqualTo(comparable(kind, ours));
	}

	/**
	 * Returns whether there is a chunk that Netty refuses, though RFC 9112 section 7.1.1
	 * allows it: blanks may stand before any semicolon, and in quotes there may be octets
	 * that are not ASCII, for which Netty's table has no place.
	 * @param octets the octets
	 * @return whether such a line is among them
	 */
	static boolean hasExtensionThatNettyRefuses(String octets) {
		return NETTY_REFUSES.matcher(octets).find();
	}

	// What follows it is no HTTP any more; Netty takes that for a body.
	private static boolean switchesProtocols(Kind kind, Reading ours) {
		return kind == Kind.RESPONSE && ours.head().get(0).equals("101");
	}

	static Reading comparable(Kind kind, Reading reading) {
		List<String> head = new ArrayList<>(reading.head());
		if (kind == Kind.RESPONSE && head.size() > 1) {
			// The reason: nobody says where it starts.
			head.set(1, head.get(1).strip());
			if (head.get(0).startsWith("1") || head.get(0).equals("204") || head.get(0).equals("304")) {
				// Netty drops what RFC 9112 section 6.1 forbids to send, and with a 304
				// what it allows.
				head.removeIf((line) -> name(line).equals(CODING));
			}
		}
		// Netty drops some of those that are not forwarded here.
		List<String> trailers = reading.trailers()
			.stream()
			.filter((line) -> !H1Trailers.isForbidden(name(line)))
			.toList();
		return new Reading(reading.outcome(), head, reading.body(), trailers, reading.end());
	}

	private static String name(String line) {
		return line.substring(0, Math.max(0, line.indexOf('='))).toLowerCase(Locale.ROOT);
	}

}
