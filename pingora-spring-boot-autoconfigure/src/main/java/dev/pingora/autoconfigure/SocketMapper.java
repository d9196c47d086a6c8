package dev.pingora.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import dev.pingora.transport.AcceptOptions;
import dev.pingora.transport.BufferOptions;
import dev.pingora.transport.DialOptions;
import dev.pingora.transport.KeepAlive;
import dev.pingora.transport.LocalAddress;
import dev.pingora.transport.SocketOptions;
import dev.pingora.transport.SocketSupport;
import dev.pingora.transport.Transport;
import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * Maps the {@code socket} groups of listeners and upstreams, and refuses what the
 * transport can't do.
 */
final class SocketMapper {

	private static final int KIB = 1024;

	private static final int MAX_SIZE = 16 * KIB * KIB;

	private final Problems problems;

	private final Transport transport;

	/**
	 * Makes a mapper.
	 * @param problems takes the mistakes
	 * @param transport the transport that will be used
	 */
	SocketMapper(Problems problems, Transport transport) {
		this.problems = problems;
		this.transport = transport;
	}

	/**
	 * The sockets of a side.
	 *
	 * @param socket how they are set up
	 * @param dial how they connect
	 */
	record Upstream(SocketOptions socket, DialOptions dial) {

		static final Upstream DEFAULTS = new Upstream(SocketOptions.upstream(), DialOptions.defaults());

	}

	/**
	 * The sockets of a listener.
	 *
	 * @param socket how clients' are set up
	 * @param accept how the listening one is set up
	 */
	record Listener(SocketOptions socket, AcceptOptions accept) {
	}

	Upstream upstream(String property, UpstreamSocketProperties properties, Upstream otherwise) {
		SocketOptions socket = common(property, properties, otherwise.socket());
		DialOptions dial = otherwise.dial();
		if (properties.bindTo() != null) {
			dial = dial.bindTo(localAddress(property + ".bind-to", properties.bindTo()));
		}
		if (properties.fastOpen() != null) {
			dial = dial.fastOpen(properties.fastOpen());
		}
		List<SocketSupport.Refusal> refusals = new ArrayList<>(SocketSupport.of(this.transport, socket, dial));
		// What the defaults say was refused there.
		refusals.removeAll(SocketSupport.of(this.transport, otherwise.socket(), otherwise.dial()));
		refuse(property, refusals);
		return new Upstream(socket, dial);
	}

	private @Nullable LocalAddress localAddress(String property, String text) {
		if (text.isBlank()) {
			return null;
		}
		try {
			return LocalAddress.parse(text.trim());
		}
		catch (IllegalArgumentException malformed) {
			this.problems.add(property, text, LocalAddress.SYNTAX);
			return null;
		}
	}

	Listener listener(String property, String address, ListenerSocketProperties properties) {
		SocketOptions socket = common(property, properties, SocketOptions.downstream());
		AcceptOptions accept = AcceptOptions.defaults()
			.backlog(this.problems.range(property + ".backlog", properties.backlog(), 1, 1 << 20))
			.reusePort(properties.reusePort())
			.fastOpenQueue(this.problems.range(property + ".fast-open-queue", properties.fastOpenQueue(), 0, 1 << 16))
			.ipv6Only(properties.ipv6Only())
			.mode(mode(property + ".mode", properties.mode()));
		refuse(property, SocketSupport.of(this.transport, address, socket, accept));
		return new Listener(socket, accept);
	}

	private int mode(String property, @Nullable String mode) {
		if (mode == null) {
			return 0;
		}
		if (!mode.matches("0?[0-7]{3}") || mode.endsWith("000")) {
			this.problems.add(property, mode, "three octal digits in quotes, such as \"0660\"");
			return 0;
		}
		return Integer.parseInt(mode, 8);
	}

	private void refuse(String property, List<SocketSupport.Refusal> refusals) {
		for (SocketSupport.Refusal refusal : refusals) {
			String name = refusal.option().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
			Object value = (refusal.value() instanceof Duration time) ? Quantities.text(time) : refusal.value();
			this.problems.add(property + "." + name, value, refusal.expectation());
		}
	}

	private SocketOptions common(String property, SocketProperties properties, SocketOptions otherwise) {
		SocketOptions.Builder builder = otherwise.toBuilder()
			.keepAlive(keepAlive(property, properties, otherwise.keepAlive()))
			.buffers(buffers(property, properties, otherwise.buffers()));
		if (properties.userTimeout() != null) {
			builder.userTimeout(this.problems.rangeOrOff(property + ".user-timeout", properties.userTimeout(),
					Duration.ofMillis(1), Duration.ofDays(24)));
		}
		if (properties.dscp() != null) {
			builder.dscp(this.problems.range(property + ".dscp", properties.dscp(), 0, 63));
		}
		return builder.sendBuffer(size(property + ".send-buffer", properties.sendBuffer(), otherwise.sendBuffer(), 0))
			.receiveBuffer(size(property + ".receive-buffer", properties.receiveBuffer(), otherwise.receiveBuffer(), 0))
			.build();
	}

	private KeepAlive keepAlive(String property, SocketProperties properties, KeepAlive otherwise) {
		boolean enabled = (properties.keepAlive() != null) ? properties.keepAlive() : otherwise.enabled();
		Duration idle = seconds(property + ".keep-alive-idle", properties.keepAliveIdle());
		Duration interval = seconds(property + ".keep-alive-interval", properties.keepAliveInterval());
		Integer count = properties.keepAliveCount();
		if (count != null) {
			count = this.problems.range(property + ".keep-alive-count", count, 1, 127);
		}
		if (enabled) {
			return new KeepAlive(true, (idle != null) ? idle : otherwise.idle(),
					(interval != null) ? interval : otherwise.interval(), (count != null) ? count : otherwise.count());
		}
		if (idle != null || interval != null || count != null) {
			this.problems.add(property + ".keep-alive", "false", "true, since its times or count are set");
		}
		return KeepAlive.OFF;
	}

	private @Nullable Duration seconds(String property, @Nullable Duration value) {
		if (value == null) {
			return null;
		}
		if (value.getNano() != 0 || value.getSeconds() < 1 || value.getSeconds() > 32767) {
			this.problems.add(property, Quantities.text(value), "whole seconds, 1s..32767s");
			return Duration.ofSeconds(1);
		}
		return value;
	}

	private BufferOptions buffers(String property, SocketProperties properties, BufferOptions otherwise) {
		int read = size(property + ".max-read-size", properties.maxReadSize(), otherwise.maxReadSize(), KIB);
		int high = size(property + ".write-buffer-high", properties.writeBufferHigh(), otherwise.writeBufferHigh(),
				KIB);
		int low = size(property + ".write-buffer-low", properties.writeBufferLow(), otherwise.writeBufferLow(), 0);
		if (low > high) {
			boolean lowIsSet = properties.writeBufferLow() != null;
			this.problems.add(property + (lowIsSet ? ".write-buffer-low" : ".write-buffer-high"),
					Quantities.text(DataSize.ofBytes(lowIsSet ? low : high)),
					lowIsSet ? "<= write-buffer-high, which is " + Quantities.text(DataSize.ofBytes(high))
							: ">= write-buffer-low, which is " + Quantities.text(DataSize.ofBytes(low)));
			low = high;
		}
		return new BufferOptions(read, low, high);
	}

	private int size(String property, @Nullable DataSize value, int otherwise, int least) {
		return (value != null) ? this.problems.octets(property, value, least, MAX_SIZE) : otherwise;
	}

}
