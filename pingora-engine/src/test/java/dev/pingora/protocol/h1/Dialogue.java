package dev.pingora.protocol.h1;

import java.util.Arrays;
import java.util.Random;
import java.util.TreeSet;

/**
 * What a peer says on a connection, and what it is asked: each of the first eight
 * requests may be a HEAD, or a GET that asks for an upgrade, and so on from the start.
 *
 * @param octets what the peer says, before the connection ends
 * @param heads a bit for each request that is a HEAD
 * @param upgrades a bit for each that asks for an upgrade, if it is no HEAD
 * @param cuts says where the octets are cut, how far the bodies are credited, and how
 * sessions and the connection end
 */
record Dialogue(byte[] octets, int heads, int upgrades, int cuts) {

	/** How many octets say all but what the peer says. */
	static final int SCRIPT = 3;

	static final String PROTOCOL = "websocket";

	static Dialogue of(byte[] octets) {
		return new Dialogue(Arrays.copyOfRange(octets, SCRIPT, octets.length), octets[0], octets[1], octets[2] & 0xff);
	}

	boolean isToHead(int request) {
		return (this.heads & 1 << request % 8) != 0;
	}

	boolean isToUpgrade(int request) {
		return !isToHead(request) && (this.upgrades & 1 << request % 8) != 0;
	}

	/** How much of a body is wanted at a time: little, or all of it. */
	int credit() {
		return (this.cuts % 2 == 0) ? 1 + this.cuts : Integer.MAX_VALUE;
	}

	/** Whether a session is ended within the call that tells of the answer's end. */
	boolean endsAtOnce() {
		return (this.cuts & 2) != 0;
	}

	/**
	 * Whether the connection breaks in the end, instead of being closed.
	 * @return whether it breaks
	 */
	boolean breaks() {
		return (this.cuts & 4) != 0;
	}

	/**
	 * Where the octets are cut: at each one if {@code cuts} is 0, else here and there.
	 */
	TreeSet<Integer> places() {
		Random random = new Random(this.cuts);
		TreeSet<Integer> places = new TreeSet<>();
		int at = 0;
		while (at < this.octets.length) {
			places.add(at);
			at += 1 + random.nextInt(1 + this.cuts);
		}
		return places;
	}

}
