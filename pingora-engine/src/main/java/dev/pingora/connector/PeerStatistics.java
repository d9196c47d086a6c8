package dev.pingora.connector;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import dev.pingora.upstream.PeerKey;

/**
 * The counters of all peers. Their number is bounded: user code may choose peers freely.
 * Used by all loops.
 */
final class PeerStatistics {

	private static final int MAX_PEERS = 1000;

	private final Map<PeerKey, PeerCounters> counters = new ConcurrentHashMap<>();

	private final PeerCounters others = new PeerCounters();

	PeerCounters of(PeerKey key) {
		PeerCounters present = this.counters.get(key);
		if (present != null) {
			return present;
		}
		return (this.counters.size() < MAX_PEERS) ? this.counters.computeIfAbsent(key, (missing) -> new PeerCounters())
				: this.others;
	}

	List<PoolStatus> status(ConnectionCounts counts) {
		int known = this.counters.keySet().stream().mapToInt(counts::of).sum();
		PoolStatus others = this.others.status(PoolStatus.OTHER, counts.total() - known);
		Stream<PoolStatus> all = this.counters.entrySet()
			.stream()
			.map((entry) -> entry.getValue().status(entry.getKey().toString(), counts.of(entry.getKey())));
		return Stream.concat(all, Stream.of(others).filter((status) -> status.connects() > 0))
			.sorted((one, other) -> one.peer().compareTo(other.peer()))
			.toList();
	}

}
