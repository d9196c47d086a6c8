package dev.pingora.autoconfigure;

import dev.pingora.server.ProxyServer;

/**
 * Changes the server before it is built. Beans of this type are called in order, after
 * the properties were applied.
 */
@FunctionalInterface
public interface ProxyServerCustomizer {

	/**
	 * Changes the builder.
	 * @param builder the builder of the server
	 */
	void customize(ProxyServer.Builder builder);

}
