package dev.pingora.connector;

import dev.pingora.error.ProxyException;
import dev.pingora.panic.Panic;
import dev.pingora.protocol.UpstreamSession;

/**
 * Waits for a connection. Exactly one of the methods is called, once, on the event loop
 * of whoever dials; neither, if the dial was cancelled before. Neither throws: each is an
 * isolation border of its own.
 */
public interface ConnectHandler {

	/**
	 * A connection is there.
	 * @param session the session on it; the handler must end it
	 */
	void onConnected(UpstreamSession session);

	/**
	 * No connection came about.
	 * @param error why
	 */
	void onConnectFailed(ProxyException error);

	/**
	 * Dialling has panicked. The panic is counted already.
	 * @param panic what happened
	 */
	void onConnectPanicked(Panic panic);

}
