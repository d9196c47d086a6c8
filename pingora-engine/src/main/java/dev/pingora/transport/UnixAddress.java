package dev.pingora.transport;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketChannel;
import io.netty.util.AttributeKey;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of Unix domain sockets, which are written as {@code unix:/path/to.sock}.
 */
public final class UnixAddress {

	/** What an address begins with. */
	public static final String PREFIX = "unix:";

	/** What {@link #path} takes. */
	public static final String SYNTAX = "unix: and an absolute path of 100 octets at most, such as unix:/run/app.sock";

	// macOS has room for 103 octets, Linux for 107.
	private static final int MAX_PATH = 100;

	private static final SocketAddress UNNAMED = UnixDomainSocketAddress.of("");

	private static final AttributeKey<SocketAddress> NAME = AttributeKey.valueOf(UnixAddress.class, "name");

	private UnixAddress() {
	}

	/**
	 * Returns whether an address is meant to be that of a Unix domain socket.
	 * @param address the address
	 * @return whether it begins with {@code unix:}
	 */
	public static boolean is(String address) {
		return address.startsWith(PREFIX);
	}

	/**
	 * Returns the path of a Unix domain socket.
	 * @param address the address
	 * @return the path
	 * @throws IllegalArgumentException if it is not absolute, too long or has control
	 * characters
	 */
	public static String path(String address) {
		String path = is(address) ? address.substring(PREFIX.length()) : "";
		if (!path.startsWith("/") || path.endsWith("/") || path.chars().anyMatch(Character::isISOControl)
				|| path.getBytes(StandardCharsets.UTF_8).length > MAX_PATH) {
			throw new IllegalArgumentException(
					"address: " + address.replaceAll("\\p{Cntrl}", "?") + " (expected: " + SYNTAX + ")");
		}
		return path;
	}

	/**
	 * Returns the address of a channel's other end.
	 * @param channel the channel
	 * @return an {@code InetSocketAddress}, or a {@code UnixDomainSocketAddress}, which
	 * is empty if the other end has no name, as most clients have none
	 */
	public static SocketAddress remote(Channel channel) {
		return isUnix(channel) ? unix(channel.remoteAddress()) : channel.remoteAddress();
	}

	/**
	 * Tells under which name clients find a listening channel, which may have been bound
	 * under another one.
	 * @param listening the channel
	 * @param path the path
	 */
	public static void name(Channel listening, String path) {
		listening.attr(NAME).set(UnixDomainSocketAddress.of(path));
	}

	/**
	 * Returns the address of a channel's own end.
	 * @param channel the channel
	 * @return an {@code InetSocketAddress} or {@code UnixDomainSocketAddress}
	 */
	public static SocketAddress local(Channel channel) {
		if (!isUnix(channel)) {
			return channel.localAddress();
		}
		Channel listening = channel.parent();
		SocketAddress name = (listening != null) ? listening.attr(NAME).get() : null;
		return unix((name != null) ? name : channel.localAddress());
	}

	private static SocketAddress unix(@Nullable SocketAddress address) {
		if (address instanceof DomainSocketAddress domain) {
			return UnixDomainSocketAddress.of(domain.path());
		}
		return (address != null) ? address : UNNAMED;
	}

	/**
	 * Returns whether a channel is a Unix domain socket's.
	 * @param channel the channel
	 * @return whether it is
	 */
	public static boolean isUnix(Channel channel) {
		return channel instanceof DomainSocketChannel || channel instanceof NioDomainSocketChannel;
	}

	/**
	 * Returns an address as a text, without looking a name up.
	 * @param address the address
	 * @return host and port; the host alone if the port is 0, since a proxy has not told
	 * it; {@code unix:} and the path, if there is one
	 */
	public static String text(SocketAddress address) {
		if (address instanceof InetSocketAddress inet) {
			return (inet.getPort() == 0) ? NetUtil.toAddressString(inet.getAddress())
					: NetUtil.toSocketAddressString(inet);
		}
		return (address instanceof UnixDomainSocketAddress unix) ? PREFIX + unix.getPath() : address.toString();
	}

}
