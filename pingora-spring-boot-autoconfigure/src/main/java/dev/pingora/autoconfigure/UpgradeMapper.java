package dev.pingora.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.pingora.protocol.UpgradeOptions;

/**
 * Maps the properties of upgrades.
 */
final class UpgradeMapper {

	private static final String PREFIX = PingoraProperties.PREFIX + ".downstream.upgrade";

	private final Problems problems;

	UpgradeMapper(Problems problems) {
		this.problems = problems;
	}

	UpgradeOptions map(UpgradeProperties properties) {
		Duration idle = this.problems.positive(PREFIX + ".idle-timeout", properties.idleTimeout());
		Duration halfClose = this.problems.positive(PREFIX + ".half-close-timeout", properties.halfCloseTimeout());
		Duration lifetime = this.problems.notNegative(PREFIX + ".max-lifetime", properties.maxLifetime());
		return new UpgradeOptions(protocols(properties.protocols()), idle, halfClose, lifetime);
	}

	private List<String> protocols(List<String> protocols) {
		List<String> valid = new ArrayList<>();
		for (int i = 0; i < protocols.size(); i++) {
			try {
				UpgradeOptions.defaults().withProtocols(protocols.get(i));
				valid.add(protocols.get(i));
			}
			catch (IllegalArgumentException refused) {
				this.problems.add(PREFIX + ".protocols[" + i + "]", protocols.get(i),
						"a name or name/version such as websocket, but no HTTP or TLS: "
								+ "requests within would pass the routes by");
			}
		}
		return valid;
	}

}
