package dev.pingora.demo.traffic;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

import dev.pingora.server.BoundListener;
import dev.pingora.server.ProxyServer;

/**
 * Where clients inside of the process reach the gateway.
 */
public final class GatewayAddress {

	private GatewayAddress() {
	}

	/**
	 * Returns the address of the gateway's first port.
	 * @param server the gateway, started
	 * @return its address; one of the loopback interface where it listens at any
	 * @throws UnknownHostException if the listener's address can't be resolved
	 * @throws IllegalStateException if the gateway has no port any more
	 */
	public static InetSocketAddress of(ProxyServer server) throws UnknownHostException {
		BoundListener listener = server.listeners()
			.stream()
			.filter((bound) -> bound.port() != 0) // a Unix domain socket has none
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("the gateway listens at no port"));
		InetAddress address = InetAddress.getByName(listener.address());
		return new InetSocketAddress(address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address,
				listener.port());
	}

}
