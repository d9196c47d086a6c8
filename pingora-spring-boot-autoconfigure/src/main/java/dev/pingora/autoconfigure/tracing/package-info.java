/**
 * Traces requests through Micrometer's Observation API.
 * <p>
 * Start with {@link dev.pingora.autoconfigure.tracing.PingoraTracingAutoConfiguration},
 * then {@code TracedRequest}.
 * <p>
 * May import the engine's API and {@code dev.pingora.autoconfigure}; no other adapter.
 */
@NullMarked
package dev.pingora.autoconfigure.tracing;

import org.jspecify.annotations.NullMarked;
