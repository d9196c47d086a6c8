package dev.pingora.transport;

import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import jdk.net.ExtendedSocketOptions;

/**
 * Sets sockets up as options say. {@link SocketSupport} must have been asked before:
 * Netty only warns of an option that a channel doesn't know.
 */
public final class SocketSetup {

	// <netinet/in.h>, <netinet/tcp.h> of Linux, the same on all its architectures. Netty
	// has most of them twice, for epoll and for io_uring, and some for none of the two.

	private static final int IPPROTO_IP = 0;

	private static final int IPPROTO_TCP = 6;

	private static final int IPPROTO_IPV6 = 41;

	static final ChannelOption<Integer> TCP_KEEPIDLE = option("TCP_KEEPIDLE", IPPROTO_TCP, 4);

	static final ChannelOption<Integer> TCP_KEEPINTVL = option("TCP_KEEPINTVL", IPPROTO_TCP, 5);

	static final ChannelOption<Integer> TCP_KEEPCNT = option("TCP_KEEPCNT", IPPROTO_TCP, 6);

	static final ChannelOption<Integer> TCP_USER_TIMEOUT = option("TCP_USER_TIMEOUT", IPPROTO_TCP, 18);

	// Netty's own option sends what was written before connecting; this one, as Pingora
	// has it, what is written first.
	static final ChannelOption<Integer> TCP_FASTOPEN_CONNECT = option("TCP_FASTOPEN_CONNECT", IPPROTO_TCP, 30);

	static final ChannelOption<Integer> IP_BIND_ADDRESS_NO_PORT = option("IP_BIND_ADDRESS_NO_PORT", IPPROTO_IP, 24);

	static final ChannelOption<Integer> IP_LOCAL_PORT_RANGE = option("IP_LOCAL_PORT_RANGE", IPPROTO_IP, 51);

	static final ChannelOption<Integer> IPV6_V6ONLY = option("IPV6_V6ONLY", IPPROTO_IPV6, 26);

	private final Transport transport;

	private final boolean unix;

	/**
	 * Makes the setup of sockets of one kind.
	 * @param transport the transport that is used
	 * @param unix whether they are Unix domain sockets
	 */
	public SocketSetup(Transport transport, boolean unix) {
		this.transport = transport;
		this.unix = unix;
	}

	private static ChannelOption<Integer> option(String name, int level, int number) {
		return new IntegerUnixChannelOption(name, level, number);
	}

	/**
	 * Where an option goes: a bootstrap's options, or those of accepted clients.
	 */
	private interface Target {

		<T> void set(ChannelOption<T> option, T value);

	}

	/**
	 * Sets up sockets that connect.
	 * @param bootstrap makes them
	 * @param socket how they are set up
	 * @param dial how they connect
	 */
	public void dialling(Bootstrap bootstrap, SocketOptions socket, DialOptions dial) {
		Target target = bootstrap::option;
		stream(target, socket);
		if (this.unix) {
			return;
		}
		if (socket.receiveBuffer() > 0) {
			target.set(ChannelOption.SO_RCVBUF, socket.receiveBuffer());
		}
		if (dial.fastOpen()) {
			target.set(TCP_FASTOPEN_CONNECT, 1);
		}
		LocalAddress local = dial.bindTo();
		if (local != null) {
			bootstrap.localAddress(new InetSocketAddress(local.address(), 0));
			if (isLinux()) {
				// The port is chosen when the peer is known, so that it may serve several
				// peers.
				target.set(IP_BIND_ADDRESS_NO_PORT, 1);
			}
			if (local.hasPorts()) {
				target.set(IP_LOCAL_PORT_RANGE, local.lastPort() << 16 | local.firstPort());
			}
		}
	}

	/**
	 * Sets up sockets that listen, and those of their clients.
	 * @param bootstrap makes them
	 * @param socket how clients' sockets are set up
	 * @param accept how the listening socket is set up
	 */
	public void accepting(ServerBootstrap bootstrap, SocketOptions socket, AcceptOptions accept) {
		stream(bootstrap::childOption, socket);
		Target listening = bootstrap::option;
		listening.set(ChannelOption.SO_BACKLOG, accept.backlog());
		if (this.unix) {
			return;
		}
		listening.set(ChannelOption.SO_REUSEADDR, true);
		if (socket.receiveBuffer() > 0) {
			// Inherited, and told to clients already when they connect.
			listening.set(ChannelOption.SO_RCVBUF, socket.receiveBuffer());
		}
		if (accept.reusePort()) {
			listening.set(
					isNio() ? NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT) : UnixChannelOption.SO_REUSEPORT,
					true);
		}
		if (accept.fastOpenQueue() > 0) {
			listening.set(ChannelOption.TCP_FASTOPEN, accept.fastOpenQueue());
		}
		if (accept.ipv6Only()) {
			listening.set(IPV6_V6ONLY, 1);
		}
	}

	private void stream(Target target, SocketOptions socket) {
		BufferOptions buffers = socket.buffers();
		target.set(ChannelOption.ALLOCATOR, Buffers.allocator());
		target.set(ChannelOption.RECVBUF_ALLOCATOR,
				Buffers.reads(buffers.maxReadSize(), this.transport == Transport.IO_URING));
		target.set(ChannelOption.WRITE_BUFFER_WATER_MARK,
				new WriteBufferWaterMark(buffers.writeBufferLow(), buffers.writeBufferHigh()));
		if (socket.sendBuffer() > 0) {
			target.set(ChannelOption.SO_SNDBUF, socket.sendBuffer());
		}
		if (this.unix) {
			return;
		}
		// TCP_NODELAY is set by Netty, for each channel.
		if (socket.dscp() > 0) {
			target.set(ChannelOption.IP_TOS, socket.dscp() << 2); // RFC 2474 section 3
		}
		if (!socket.userTimeout().isZero()) {
			target.set(TCP_USER_TIMEOUT, (int) socket.userTimeout().toMillis());
		}
		keepAlive(target, socket.keepAlive());
	}

	private void keepAlive(Target target, KeepAlive keepAlive) {
		if (!keepAlive.enabled()) {
			return;
		}
		target.set(ChannelOption.SO_KEEPALIVE, true);
		int idle = (int) keepAlive.idle().toSeconds();
		int interval = (int) keepAlive.interval().toSeconds();
		if (idle > 0) {
			target.set(isNio() ? NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE) : TCP_KEEPIDLE, idle);
		}
		if (interval > 0) {
			target.set(isNio() ? NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL) : TCP_KEEPINTVL, interval);
		}
		if (keepAlive.count() > 0) {
			target.set(isNio() ? NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT) : TCP_KEEPCNT,
					keepAlive.count());
		}
	}

	private boolean isNio() {
		return this.transport == Transport.NIO;
	}

	private boolean isLinux() {
		return this.transport == Transport.EPOLL || this.transport == Transport.IO_URING;
	}

}
