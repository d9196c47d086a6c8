/**
 * The engine's front door: build a server, start it, drain it, close it.
 * <p>
 * Start with {@link dev.pingora.server.ProxyServer}.
 * <p>
 * May import: everything.
 */
@NullMarked
package dev.pingora.server;

import org.jspecify.annotations.NullMarked;
