package dev.pingora.forwarding;

import java.util.List;
import java.util.function.Predicate;

import dev.pingora.forwarding.ForwardedOptions.Mode;
import dev.pingora.forwarding.ForwardedOptions.Style;
import dev.pingora.forwarding.ReceivedScan.Names;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * Writes into a request that goes upstream who the client is. What filters have set
 * before stays as it is.
 */
public final class ForwardingFields {

	private ForwardingFields() {
	}

	/**
	 * Edits the copy of a request that goes upstream, before filters see it. On the event
	 * loop of the client's connection.
	 * @param request the copy, its received fields as they came
	 * @param client the client's connection
	 */
	public static void apply(RequestHeader request, ClientFacts client) {
		ForwardedOptions options = client.options();
		String via = options.via();
		if (via != null) {
			request.headers().add("Via", ViaField.entry(request.version(), via));
		}
		if (options.mode() == Mode.OFF) {
			return;
		}
		Headers headers = request.headers();
		ReceivedScan scan = client.scan().of(headers);
		if (scan.hasFound() && options.mode() == Mode.APPEND && client.isTrusted()) {
			append(headers, client, scan);
			return;
		}
		if (scan.hasFound()) {
			headers.removeReceived(FieldNames::isAny);
		}
		if (options.mode() != Mode.STRIP) {
			begin(headers, client, scan);
		}
	}

	/**
	 * Drops from a request's trailers what speaks of the client, whoever sent it: some
	 * origins merge trailers into the head (RFC 9110 section 6.5.1).
	 * @param trailers the received trailers
	 * @param client the client's connection
	 */
	public static void cleanTrailers(Headers trailers, ClientFacts client) {
		if (client.options().mode() != Mode.OFF) {
			trailers.removeReceived(FieldNames::isAny);
		}
	}

	private static void begin(Headers headers, ClientFacts client, ReceivedScan scan) {
		Style style = client.options().style();
		HostTexts host = scan.host();
		if (!scan.hasAdded()) {
			headers.add(host.block());
			return;
		}
		if (style.hasXForwarded()) {
			add(headers, scan, ReceivedScan.FOR, client.address());
			add(headers, scan, ReceivedScan.PROTO, client.scheme());
			add(headers, scan, ReceivedScan.HOST, host.host());
			add(headers, scan, ReceivedScan.PORT, host.port());
		}
		if (style.hasForwarded()) {
			add(headers, scan, ReceivedScan.FORWARDED, host.element());
		}
	}

	private static void add(Headers headers, ReceivedScan scan, int field, @Nullable String value) {
		if (value != null && !scan.isAdded(field)) {
			headers.add(name(field), value);
		}
	}

	private static String name(int field) {
		return switch (field) {
			case ReceivedScan.FOR -> Names.FOR;
			case ReceivedScan.PROTO -> Names.PROTO;
			case ReceivedScan.HOST -> Names.HOST;
			case ReceivedScan.PORT -> Names.PORT;
			default -> Names.FORWARDED;
		};
	}

	// A proxy cleans the fields that it writes itself, and passes on others as they came:
	// so the fields of the style that is not in use are anybody's.
	private static void append(Headers headers, ClientFacts client, ReceivedScan scan) {
		Style style = client.options().style();
		headers.removeReceived(switch (style) {
			case X_FORWARDED -> FieldNames::isBesideXForwarded;
			case FORWARDED -> FieldNames::isBesideForwarded;
			case BOTH -> FieldNames::isLookalike;
		});
		if (style.hasXForwarded()) {
			appendXForwarded(headers, client, scan);
		}
		if (style.hasForwarded() && !scan.isAdded(ReceivedScan.FORWARDED)) {
			headers.set(Names.FORWARDED, Hops.append(headers.all(Names.FORWARDED), true, scan.host().element()));
		}
	}

	private static void appendXForwarded(Headers headers, ClientFacts client, ReceivedScan scan) {
		if (!scan.isAdded(ReceivedScan.FOR)) {
			headers.set(Names.FOR, Hops.append(headers.all(Names.FOR), false, client.address()));
		}
		// The port belongs to the scheme and host that the first proxy saw.
		boolean portUnknown = headers.contains(Names.PROTO) || headers.contains(Names.HOST);
		HostTexts own = scan.host();
		keep(headers, scan, ReceivedScan.PROTO, client.scheme(), HostTexts::areSchemes);
		keep(headers, scan, ReceivedScan.HOST, own.host(), HostTexts::areHosts);
		keep(headers, scan, ReceivedScan.PORT, portUnknown ? null : own.port(), HostTexts::arePorts);
	}

	// Set anew even if it stays the same, so that Connection can't nominate it.
	private static void keep(Headers headers, ReceivedScan scan, int field, @Nullable String own,
			Predicate<String> sound) {
		if (scan.isAdded(field)) {
			return;
		}
		String name = name(field);
		List<String> received = headers.all(name);
		String joined = String.join(", ", received);
		if (!received.isEmpty() && sound.test(joined)) {
			headers.set(name, joined);
		}
		else {
			headers.remove(name);
			add(headers, scan, field, own);
		}
	}

}
