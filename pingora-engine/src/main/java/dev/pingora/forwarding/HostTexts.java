package dev.pingora.forwarding;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

import dev.pingora.forwarding.ReceivedScan.Names;
import dev.pingora.http.FieldBlock;
import org.jspecify.annotations.Nullable;

/**
 * What is written for a host. Clients name the same host in all requests of a connection,
 * mostly, so this is made once for them.
 *
 * @param host the value of {@code Host}, or {@code null} if it can't be passed on
 * @param port the port that the client addressed
 * @param element an element of {@code Forwarded}; empty if none is written
 * @param block all that is written of a client to whom nobody else refers
 */
record HostTexts(@Nullable String host, String port, String element, FieldBlock block) {

	private static final int LONGEST_HOST = 255 + ":65535".length();

	/**
	 * Makes the texts.
	 * @param host the value of {@code Host}, or {@code null} if there is none
	 * @param client the client's connection
	 * @return the texts
	 */
	static HostTexts of(@Nullable String host, ClientFacts client) {
		String scheme = client.scheme();
		String valid = (host != null && isHost(host)) ? host : null;
		String element = client.options().style().hasForwarded() ? element(client, valid, scheme) : "";
		String port = (valid != null) ? port(valid, scheme) : client.localPort();
		return new HostTexts(valid, port, element, block(client, valid, port, element));
	}

	private static String element(ClientFacts client, @Nullable String host, String scheme) {
		String named = (host != null) ? ";host=" + Node.tokenOrQuoted(host) : "";
		return "for=" + client.node() + named + ";proto=" + scheme;
	}

	private static FieldBlock block(ClientFacts client, @Nullable String host, String port, String element) {
		ForwardedOptions.Style style = client.options().style();
		List<String> fields = style.hasXForwarded() ? xForwarded(client, host, port) : List.of();
		if (style.hasForwarded()) {
			fields = new ArrayList<>(fields);
			fields.addAll(List.of(Names.FORWARDED, element));
		}
		return FieldBlock.of(fields);
	}

	private static List<String> xForwarded(ClientFacts client, @Nullable String host, String port) {
		String address = client.address();
		String scheme = client.scheme();
		return (host != null) ? List.of(Names.FOR, address, Names.PROTO, scheme, Names.HOST, host, Names.PORT, port)
				: List.of(Names.FOR, address, Names.PROTO, scheme, Names.PORT, port);
	}

	// The listener's own port may be one that nobody outside knows.
	private static String port(String host, String scheme) {
		int colon = host.lastIndexOf(':');
		if (colon > host.lastIndexOf(']') && colon + 1 < host.length()) {
			return host.substring(colon + 1);
		}
		return scheme.equals("https") ? "443" : "80"; // RFC 9110 section 4.2
	}

	/**
	 * Returns whether text is a host that may be passed on: narrower than RFC 3986
	 * section 3.2.2, which allows what is a delimiter in other fields.
	 * @param text the text
	 * @return whether it is a name, an IPv4 address or a bracketed IPv6 address, with or
	 * without a port
	 */
	static boolean isHost(String text) {
		if (text.isEmpty() || text.length() > LONGEST_HOST) {
			return false;
		}
		int end = text.startsWith("[") ? text.indexOf(']') + 1 : text.indexOf(':');
		end = (end < 0) ? text.length() : end;
		return end > 0 && isPort(text, end)
				&& (text.startsWith("[")
						? text.lastIndexOf(':', end - 1) > 0 && Node.address(text.substring(1, end - 1)) != null
						: isName(text, end));
	}

	// RFC 3986 section 3.2.3: a port may be empty
	private static boolean isPort(String text, int start) {
		int digits = start + 1;
		return start == text.length() || (text.charAt(start) == ':'
				&& (digits == text.length() || Node.number(text.substring(digits), 65535) >= 0));
	}

	private static boolean isName(String text, int end) {
		for (int i = 0; i < end; i++) {
			char c = text.charAt(i);
			if (!Node.isAlphanumeric(c) && "-._~%".indexOf(c) < 0) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Returns whether text is a list of hosts, as a trusted proxy may send one.
	 */
	static boolean areHosts(String text) {
		return areAll(text, HostTexts::isHost);
	}

	/**
	 * Returns whether text is a list of schemes (RFC 3986 section 3.1).
	 */
	static boolean areSchemes(String text) {
		return areAll(text, (scheme) -> scheme.length() <= 16
				&& scheme.chars().allMatch((c) -> Node.isAlphanumeric(c) || "+-.".indexOf(c) >= 0));
	}

	/**
	 * Returns whether text is a list of ports.
	 */
	static boolean arePorts(String text) {
		return areAll(text, (port) -> Node.number(port, 65535) >= 0);
	}

	private static boolean areAll(String list, Predicate<String> element) {
		if (list.length() > Hops.MAX_LENGTH) {
			return false;
		}
		String[] elements = list.split(",", -1);
		boolean sound = elements.length <= Hops.MAX_HOPS;
		for (String each : elements) {
			String trimmed = each.strip();
			sound = sound && !trimmed.isEmpty() && element.test(trimmed);
		}
		return sound;
	}

}
