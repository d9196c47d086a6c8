package dev.pingora.route;

import java.util.List;
import java.util.stream.Collectors;

import dev.pingora.http.RequestHeader;

/**
 * Whether the host that a request is meant for matches one of some patterns.
 */
final class HostPredicate implements RequestPredicate {

	private final HostPattern[] patterns;

	HostPredicate(List<String> patterns) {
		this.patterns = patterns.stream().map(HostPattern::of).toArray(HostPattern[]::new);
	}

	@Override
	public boolean test(RequestHeader request) {
		return matches(RequestTarget.host(request));
	}

	boolean matches(String host) {
		for (HostPattern pattern : this.patterns) {
			if (pattern.matches(host)) {
				return true;
			}
		}
		return false;
	}

	@Override
	public String toString() {
		return List.of(this.patterns)
			.stream()
			.map(HostPattern::toString)
			.collect(Collectors.joining(", ", "Host=", ""));
	}

}
