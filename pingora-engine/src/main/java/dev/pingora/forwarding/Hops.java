package dev.pingora.forwarding;

import java.net.InetSocketAddress;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Walks a list of hops from the right, the nearest hop first, as far as it is sound.
 * <p>
 * From the right, since each proxy appends: whatever a client has made up stands to the
 * left of what the first trusted proxy has seen itself. Garbage ends the walk and does
 * not spoil what stands to the right of it, or else a client could hide behind garbage.
 * The same goes for a list that is too long.
 */
final class Hops {

	static final int MAX_HOPS = 32;

	static final int MAX_LENGTH = 8 * 1024;

	private final String list;

	private final boolean forwarded;

	private int start;

	private int end = -1;

	private int count;

	private InetSocketAddress address = Node.UNKNOWN;

	/**
	 * Begins at the right end.
	 * @param values the values of the field, in order
	 * @param forwarded whether the field is {@code Forwarded}, not
	 * {@code X-Forwarded-For}
	 */
	Hops(List<String> values, boolean forwarded) {
		// RFC 9110 section 5.3: several fields of a name are one list
		this.list = (values.size() == 1) ? values.get(0) : String.join(", ", values);
		this.forwarded = forwarded;
		this.start = this.list.length();
	}

	/**
	 * Goes on to the next hop.
	 * @return whether there is a sound one
	 */
	boolean next() {
		int last = this.start;
		// RFC 9110 section 5.6.1.2: elements may be empty
		while (last > 0 && (isBlank(this.list.charAt(last - 1)) || this.list.charAt(last - 1) == ',')) {
			last--;
		}
		if (last == 0 || this.count == MAX_HOPS) {
			return false;
		}
		int first = this.forwarded ? afterUnquotedComma(last) : this.list.lastIndexOf(',', last - 1) + 1;
		while (isBlank(this.list.charAt(first))) {
			first++;
		}
		if (this.list.length() - first > MAX_LENGTH) {
			return false;
		}
		InetSocketAddress found = parse(this.list.substring(first, last));
		if (found == null) {
			return false;
		}
		this.address = found;
		this.start = first;
		this.end = (this.count++ == 0) ? last : this.end;
		return true;
	}

	private @Nullable InetSocketAddress parse(String element) {
		return this.forwarded ? ForwardedElement.parse(element) : Node.parse(element, true);
	}

	private int afterUnquotedComma(int from) {
		int at = from;
		boolean quoted = false;
		while (at > 0) {
			char c = this.list.charAt(at - 1);
			if (c == '"' && !(quoted && isEscaped(at - 1))) {
				quoted = !quoted;
			}
			else if (c == ',' && !quoted) {
				return at;
			}
			at--;
		}
		return 0;
	}

	private boolean isEscaped(int index) {
		int backslashes = 0;
		while (backslashes < index && this.list.charAt(index - 1 - backslashes) == '\\') {
			backslashes++;
		}
		return backslashes % 2 == 1;
	}

	static boolean isBlank(char c) {
		return c == ' ' || c == '\t';
	}

	/**
	 * Returns where the present hop was.
	 * @return its address, or {@link Node#UNKNOWN}
	 */
	InetSocketAddress address() {
		return this.address;
	}

	/**
	 * Adds a hop to those that are sound.
	 * @param values the values of the field, in order; none begin a new list
	 * @param forwarded whether the field is {@code Forwarded}
	 * @param own the hop that is added
	 * @return the list
	 */
	static String append(List<String> values, boolean forwarded, String own) {
		if (values.isEmpty()) {
			return own;
		}
		Hops hops = new Hops(values, forwarded);
		while (hops.next()) {
			// as far as it goes
		}
		return (hops.count > 0) ? hops.list.substring(hops.start, hops.end) + ", " + own : own;
	}

}
