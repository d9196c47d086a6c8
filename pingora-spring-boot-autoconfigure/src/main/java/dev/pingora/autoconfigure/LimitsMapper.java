package dev.pingora.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.pingora.limits.AddressRange;
import dev.pingora.protocol.ClientLimits;
import dev.pingora.server.ConnectionLimits;
import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * Maps what limits clients.
 */
final class LimitsMapper {

	private static final DataSize FASTEST = DataSize.ofGigabytes(1);

	private static final Duration SHORTEST = Duration.ofMillis(1);

	private static final Duration LONGEST = Duration.ofHours(1);

	private final Problems problems;

	LimitsMapper(Problems problems) {
		this.problems = problems;
	}

	ClientLimits clients(ClientLimitsProperties limits) {
		String property = "pingora.downstream.limits";
		Duration grace = limits.rateGrace();
		if (grace.compareTo(SHORTEST) < 0 || grace.compareTo(LONGEST) > 0) {
			this.problems.add(property + ".rate-grace", Quantities.text(grace),
					Quantities.text(SHORTEST) + ".." + Quantities.text(LONGEST));
			grace = SHORTEST;
		}
		int requests = limits.maxKeepaliveRequests();
		if (requests < 1 && requests != -1) {
			this.problems.add(property + ".max-keepalive-requests", requests, ">= 1, or -1 for any number");
			requests = -1;
		}
		return new ClientLimits(rate(property + ".min-body-rate", limits.minBodyRate()),
				rate(property + ".min-response-rate", limits.minResponseRate()), grace, requests);
	}

	private long rate(String property, DataSize rate) {
		if (rate.isNegative() || rate.compareTo(FASTEST) > 0) {
			this.problems.add(property, Quantities.text(rate), "1B.." + Quantities.text(FASTEST) + ", or 0 for any");
			return 0;
		}
		return rate.toBytes();
	}

	ConnectionLimits connections(String property, PingoraProperties.Listener listener) {
		int limit = listener.maxConnectionsPerAddress();
		if (limit < 0) {
			this.problems.add(property + ".max-connections-per-address", limit, ">= 1, or 0 for any number");
			limit = 0;
		}
		List<AddressRange> unlimited = new ArrayList<>();
		List<String> texts = listener.unlimitedAddresses();
		for (int i = 0; i < texts.size(); i++) {
			AddressRange range = range(property + ".unlimited-addresses[" + i + "]", texts.get(i));
			if (range != null) {
				unlimited.add(range);
			}
		}
		return new ConnectionLimits(limit, unlimited);
	}

	private @Nullable AddressRange range(String property, String text) {
		try {
			return AddressRange.of(text.strip());
		}
		catch (IllegalArgumentException wrong) {
			this.problems.add(property, text, "an IP address, or a range such as 10.0.0.0/8 or fc00::/7");
			return null;
		}
	}

}
