/**
 * The seam between bytes and requests: what a protocol offers to the engine's core, and
 * what it asks of it.
 * <p>
 * Start with {@link dev.pingora.protocol.DownstreamSession} and
 * {@link dev.pingora.protocol.UpstreamSession}.
 * <p>
 * May import: {@code panic} and the packages below it.
 */
@NullMarked
package dev.pingora.protocol;

import org.jspecify.annotations.NullMarked;
