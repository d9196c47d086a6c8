package dev.pingora.connector;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.pingora.upstream.PeerKey;

/**
 * The counters of all peers. Their number is bounded: user code may choose peers freely.
 * Used by all loops.
 */
final class PeerStatistics {

	private static final int MAX_PEERS = 1000;

	private final int loops;

	private final Map<PeerKey, PeerCounters> counters = new ConcurrentHashMap<>();

	private final PeerCounters others;

	PeerStatistics(int loops) {
		this.loops = loops;
		this.others = new PeerCounters(loops);
	}

	PeerCounters of(PeerKey key) {
		PeerCounters present = this.counters.get(key);
		if (present != null) {
			return present;
		}
		return (this.counters.size() < MAX_PEERS)
				? this.counters.computeIfAbsent(key, (missing) -> new PeerCounters(this.loops)) : this.others;
	}

	List<PoolStatus> status(ConnectionCounts counts) {
		List<PoolStatus> all = new ArrayList<>();
		int connections = 0;
		int idle = 0;
		for (Map.Entry<PeerKey, PeerCounters> entry : this.counters.entrySet()) {
			PeerState state = counts.find(entry.getKey());
			int itsConnections = (state != null) ? state.connections() : 0;
			int itsIdle = (state != null) ? state.idle() : 0;
			connections += itsConnections;
			idle += itsIdle;
			all.add(entry.getValue().status(entry.getKey().toString(), itsConnections, itsIdle));
		}
		PoolStatus rest = this.others.status(PoolStatus.OTHER, Math.max(0, counts.total() - connections),
				counts.totalIdle() - idle);
		if (rest.connects() > 0) {
			all.add(rest);
		}
		all.sort(Comparator.comparing(PoolStatus::peer));
		return List.copyOf(all);
	}

}
