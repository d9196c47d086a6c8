package dev.pingora.transport;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import jdk.net.ExtendedSocketOptions;

/**
 * What a transport can't do. It is refused before anything starts, so that nobody
 * believes in an option that has no effect.
 */
public final class SocketSupport {

	private static final String LINUX = "transport epoll or io_uring";

	private final Transport transport;

	private final List<Refusal> refusals = new ArrayList<>();

	/**
	 * An option that can't be had.
	 *
	 * @param option the option's name, such as {@code userTimeout}
	 * @param value its value
	 * @param expectation what would do
	 */
	public record Refusal(String option, Object value, String expectation) {

		@Override
		public String toString() {
			return this.option + ": " + this.value + " (expected: " + this.expectation + ")";
		}

	}

	private SocketSupport(Transport transport) {
		this.transport = transport;
	}

	/**
	 * Looks at the options of a listener.
	 * @param transport the transport that is used
	 * @param address the address to bind
	 * @param socket how clients' sockets are set up
	 * @param accept how the listening socket is set up
	 * @return what can't be had
	 */
	public static List<Refusal> of(Transport transport, String address, SocketOptions socket, AcceptOptions accept) {
		SocketSupport support = new SocketSupport(transport);
		support.common(socket);
		if (UnixAddress.is(address)) {
			support.refuseOnUnix(accept);
		}
		else {
			support.accept(address, accept);
		}
		return support.refusals;
	}

	/**
	 * Looks at the options of a peer.
	 * @param transport the transport that is used
	 * @param socket how the socket is set up
	 * @param dial how it connects
	 * @return what can't be had
	 */
	public static List<Refusal> of(Transport transport, SocketOptions socket, DialOptions dial) {
		SocketSupport support = new SocketSupport(transport);
		support.common(socket);
		LocalAddress local = dial.bindTo();
		if (local != null && local.hasPorts()) {
			support.ports(local);
		}
		if (dial.fastOpen()) {
			support.require(support.isLinux(), "fastOpen", true, "false, or " + LINUX);
		}
		return support.refusals;
	}

	// The kernel passes over ports that are none of its own range.
	private void ports(LocalAddress local) {
		require(isLinux(), "bindTo", local, "no ports, or " + LINUX);
		if (isLinux() && (local.firstPort() < Ports.FIRST || local.lastPort() > Ports.LAST)) {
			refuse("bindTo", local, "ports of " + Ports.FIRST + "-" + Ports.LAST
					+ ", which is the system's net.ipv4.ip_local_port_range");
		}
	}

	private void common(SocketOptions socket) {
		KeepAlive keepAlive = socket.keepAlive();
		boolean tunable = isLinux() || (isNio() && Jdk.CLIENT.contains(ExtendedSocketOptions.TCP_KEEPIDLE));
		String expectation = "0s, or " + LINUX;
		if (!keepAlive.idle().isZero()) {
			require(tunable, "keepAliveIdle", keepAlive.idle(), expectation);
		}
		if (!keepAlive.interval().isZero()) {
			require(tunable, "keepAliveInterval", keepAlive.interval(), expectation);
		}
		if (keepAlive.count() != 0) {
			require(tunable, "keepAliveCount", keepAlive.count(), "0, or " + LINUX);
		}
		if (!socket.userTimeout().isZero()) {
			require(isLinux(), "userTimeout", socket.userTimeout(), expectation);
		}
	}

	private void accept(String address, AcceptOptions accept) {
		if (accept.reusePort()) {
			boolean can = !isNio() || Jdk.SERVER.contains(StandardSocketOptions.SO_REUSEPORT);
			require(can, "reusePort", true, "false, or " + LINUX);
		}
		if (accept.fastOpenQueue() != 0) {
			require(isLinux(), "fastOpenQueue", accept.fastOpenQueue(), "0, or " + LINUX);
		}
		if (accept.ipv6Only()) {
			require(isLinux(), "ipv6Only", true, "false, or " + LINUX);
			if (address.indexOf(':') < 0) {
				refuse("ipv6Only", true, "false, since " + address + " is no IPv6 address");
			}
		}
		if (accept.mode() != 0) {
			refuse("mode", "0" + Integer.toOctalString(accept.mode()), "not set: only a Unix domain socket has one");
		}
	}

	private void refuseOnUnix(AcceptOptions accept) {
		if (accept.reusePort()) {
			refuse("reusePort", true, "false: a Unix domain socket has no port");
		}
		if (accept.fastOpenQueue() != 0) {
			refuse("fastOpenQueue", accept.fastOpenQueue(), "0: a Unix domain socket does not do TCP");
		}
		if (accept.ipv6Only()) {
			refuse("ipv6Only", true, "false: a Unix domain socket does not do IP");
		}
	}

	private boolean isLinux() {
		return this.transport == Transport.EPOLL || this.transport == Transport.IO_URING;
	}

	private boolean isNio() {
		return this.transport == Transport.NIO;
	}

	private void require(boolean can, String option, Object value, String expectation) {
		if (!can) {
			refuse(option, value,
					expectation + "; " + this.transport.name().toLowerCase(Locale.ROOT) + " does not have it");
		}
	}

	private void refuse(String option, Object value, String expectation) {
		this.refusals.add(new Refusal(option, value, expectation));
	}

	/**
	 * The ports that Linux chooses from.
	 */
	private static final class Ports {

		static final int FIRST;

		static final int LAST;

		static {
			String[] range = read().split("\\s+");
			FIRST = Integer.parseInt(range[0]);
			LAST = Integer.parseInt(range[1]);
		}

		// The kernel gives such a file's octets to the first read only.
		private static String read() {
			Path file = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
			try (BufferedReader reader = Files.newBufferedReader(file)) {
				return String.valueOf(reader.readLine());
			}
			catch (IOException unknown) {
				return "1 65535"; // not a Linux that would pass over any
			}
		}

	}

	/**
	 * What the JDK's sockets know on this system.
	 */
	private static final class Jdk {

		static final Set<SocketOption<?>> CLIENT;

		static final Set<SocketOption<?>> SERVER;

		static {
			try (SocketChannel client = SocketChannel.open(); ServerSocketChannel server = ServerSocketChannel.open()) {
				CLIENT = client.supportedOptions();
				SERVER = server.supportedOptions();
			}
			catch (IOException ex) {
				throw new ExceptionInInitializerError(ex);
			}
		}

	}

}
