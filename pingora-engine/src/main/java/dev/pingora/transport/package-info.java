/**
 * Event loops and sockets: which of the system's mechanisms is used, and timers on it.
 * <p>
 * Start with {@link dev.pingora.transport.Transport}.
 * <p>
 * May import: {@code error}.
 */
@NullMarked
package dev.pingora.transport;

import org.jspecify.annotations.NullMarked;
