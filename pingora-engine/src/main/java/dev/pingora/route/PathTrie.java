package dev.pingora.route;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * Narrows the rules down to those that a path leaves possible. Immutable, and allocates
 * nothing for a path without escapes.
 * <p>
 * Each pattern of a rule's first Path predicate is filed under its leading literal
 * segments; a rule without such a predicate, under none. A pattern can only match paths
 * that start with these segments, so the rules that can take a path are filed on the way
 * from the root to the deepest node that its segments lead to. Each node holds all rules
 * of that way, in their order: a scan of them finds what a scan of all rules finds.
 */
final class PathTrie {

	private static final class Draft {

		final TreeMap<String, Draft> children = new TreeMap<>();

		final TreeSet<Integer> rules = new TreeSet<>();

	}

	private record Node(String segment, Node[] children, RouteRule[] candidates) {

		@Nullable Node child(String text, int from, int end) {
			int low = 0;
			int high = this.children.length - 1;
			while (low <= high) {
				int middle = (low + high) >>> 1;
				int order = compare(this.children[middle].segment, text, from, end);
				if (order == 0) {
					return this.children[middle];
				}
				low = (order < 0) ? middle + 1 : low;
				high = (order < 0) ? high : middle - 1;
			}
			return null;
		}

		private static int compare(String key, String text, int from, int end) {
			int common = Math.min(key.length(), end - from);
			for (int i = 0; i < common; i++) {
				if (key.charAt(i) != text.charAt(from + i)) {
					return key.charAt(i) - text.charAt(from + i);
				}
			}
			return key.length() - (end - from);
		}

	}

	private final Node root;

	PathTrie(List<RouteRule> rules) {
		Draft draft = new Draft();
		for (int i = 0; i < rules.size(); i++) {
			for (List<String> prefix : prefixes(rules.get(i))) {
				Draft node = draft;
				for (String segment : prefix) {
					node = node.children.computeIfAbsent(segment, (key) -> new Draft());
				}
				node.rules.add(i);
			}
		}
		this.root = freeze("", draft, rules);
	}

	private static List<List<String>> prefixes(RouteRule rule) {
		for (RequestPredicate predicate : rule.predicates()) {
			if (predicate instanceof PathPredicate path) {
				return path.patterns().stream().map(PathPattern::literalPrefix).toList();
			}
		}
		return List.of(List.of());
	}

	private static Node freeze(String segment, Draft draft, List<RouteRule> rules) {
		List<Node> children = new ArrayList<>();
		draft.children.forEach((key, child) -> {
			child.rules.addAll(draft.rules);
			children.add(freeze(key, child, rules));
		});
		return new Node(segment, children.toArray(Node[]::new),
				draft.rules.stream().map(rules::get).toArray(RouteRule[]::new));
	}

	/**
	 * Returns the rules that can take a path.
	 * @param path the raw path
	 * @return the rules, in their order; not to be changed
	 */
	RouteRule[] candidates(String path) {
		Node node = this.root;
		int at = 0;
		while (at < path.length() && path.charAt(at) == '/' && node.children.length > 0) {
			int end = PathPattern.segmentEnd(path, at + 1);
			Node child = child(node, path, at + 1, end);
			if (child == null) {
				break;
			}
			node = child;
			at = end;
		}
		return node.candidates;
	}

	private static @Nullable Node child(Node node, String path, int from, int end) {
		if (!Percent.contains(path, from, end)) {
			return node.child(path, from, end);
		}
		String decoded = Percent.decode(path, from, end);
		return node.child(decoded, 0, decoded.length());
	}

}
