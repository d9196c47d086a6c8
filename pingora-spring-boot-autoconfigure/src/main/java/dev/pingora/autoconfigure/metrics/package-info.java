/**
 * Shows what happens in Micrometer.
 * <p>
 * Start with {@link dev.pingora.autoconfigure.metrics.PingoraMetricsAutoConfiguration}.
 * <p>
 * May import the engine's API and {@code dev.pingora.autoconfigure}; no other adapter.
 */
@NullMarked
package dev.pingora.autoconfigure.metrics;

import org.jspecify.annotations.NullMarked;
