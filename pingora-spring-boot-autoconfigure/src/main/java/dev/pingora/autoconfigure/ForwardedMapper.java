package dev.pingora.autoconfigure;

import java.util.List;

import dev.pingora.forwarding.ForwardedOptions;
import dev.pingora.forwarding.TrustedProxies;
import org.jspecify.annotations.Nullable;

/**
 * Maps what becomes of the headers that tell of the client.
 */
final class ForwardedMapper {

	private static final String PREFIX = PingoraProperties.PREFIX + ".downstream";

	private final Problems problems;

	ForwardedMapper(Problems problems) {
		this.problems = problems;
	}

	ForwardedOptions map(PingoraProperties.Downstream downstream) {
		return ForwardedOptions.builder()
			.mode(downstream.forwardedHeaders())
			.style(downstream.forwardedStyle())
			.trustedProxies(trusted(downstream.trustedProxies()))
			.via(via(downstream.via()))
			.build();
	}

	private TrustedProxies trusted(List<String> entries) {
		boolean valid = true;
		for (int i = 0; i < entries.size(); i++) {
			if (!TrustedProxies.isValid(entries.get(i))) {
				this.problems.add(PREFIX + ".trusted-proxies[" + i + "]", entries.get(i), TrustedProxies.EXPECTATION);
				valid = false;
			}
		}
		return valid ? TrustedProxies.of(entries) : TrustedProxies.none();
	}

	private @Nullable String via(@Nullable String pseudonym) {
		if (pseudonym != null && !ForwardedOptions.isPseudonym(pseudonym)) {
			this.problems.add(PREFIX + ".via", pseudonym,
					"a name of 1 to 255 letters, digits and hyphens, such as edge-1");
			return null;
		}
		return pseudonym;
	}

}
