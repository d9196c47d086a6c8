package dev.pingora.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import dev.pingora.limits.AddressRange;
import dev.pingora.limits.ClientNetwork;
import dev.pingora.limits.Inflight;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds each client to its number of connections at a listener. Clients enter on the
 * port's event loop, and leave on any.
 */
final class ClientLimiter {

	private static final Logger logger = LoggerFactory.getLogger(ProxyServer.class);

	private static final long LOG_NANOS = TimeUnit.MINUTES.toNanos(1);

	/** A client that is not counted. */
	static final Long UNLIMITED = Long.MIN_VALUE;

	private final String listener;

	private final ConnectionLimits limits;

	// Used by all threads.

	private final Inflight<Long> clients = new Inflight<>();

	private final LongAdder rejected = new LongAdder();

	// Owned by the port's event loop.

	private long logNext = System.nanoTime();

	ClientLimiter(String listener, ConnectionLimits limits) {
		this.listener = listener;
		this.limits = limits;
	}

	/**
	 * Counts a connection, if its client is limited and may have another one.
	 * @param address the client's address
	 * @return the client's key for {@link #leave}, or {@code null} if it has enough
	 */
	@Nullable Long enter(@Nullable SocketAddress address) {
		int limit = this.limits.maxPerAddress();
		InetAddress client = (limit > 0 && address instanceof InetSocketAddress inet) ? inet.getAddress() : null;
		if (client == null || isUnlimited(client)) {
			return UNLIMITED;
		}
		Long key = ClientNetwork.of(client);
		if (this.clients.tryEnter(key, limit)) {
			return key;
		}
		this.rejected.increment();
		log(key);
		return null;
	}

	private boolean isUnlimited(InetAddress client) {
		for (AddressRange range : this.limits.unlimited()) {
			if (range.contains(client)) {
				return true;
			}
		}
		return false;
	}

	// A flood must not become a flood of lines.
	private void log(Long client) {
		long now = System.nanoTime();
		if (now - this.logNext >= 0) {
			this.logNext = now + LOG_NANOS;
			logger.warn("Listener {} resets connections of {}, which has {} (max-connections-per-address); {} so far",
					this.listener, ClientNetwork.text(client), this.limits.maxPerAddress(), this.rejected.sum());
		}
	}

	void leave(Long key) {
		if (!key.equals(UNLIMITED)) {
			this.clients.leave(key);
		}
	}

	long rejected() {
		return this.rejected.sum();
	}

	int clients() {
		return this.clients.keys();
	}

}
