package dev.pingora.route;

import java.util.List;
import java.util.stream.Collectors;

import dev.pingora.http.RequestHeader;

/**
 * Whether a request's path matches one of some patterns.
 */
final class PathPredicate implements RequestPredicate {

	private final PathPattern[] patterns;

	PathPredicate(List<String> patterns) {
		this.patterns = patterns.stream().map(PathPattern::of).toArray(PathPattern[]::new);
	}

	@Override
	public boolean test(RequestHeader request) {
		return matches(request.path());
	}

	boolean matches(String path) {
		for (PathPattern pattern : this.patterns) {
			if (pattern.matches(path)) {
				return true;
			}
		}
		return false;
	}

	List<PathPattern> patterns() {
		return List.of(this.patterns);
	}

	@Override
	public String toString() {
		return patterns().stream().map(PathPattern::toString).collect(Collectors.joining(", ", "Path=", ""));
	}

}
