/**
 * Shows the server in Actuator.
 * <p>
 * Start with {@link dev.pingora.autoconfigure.actuate.PingoraHealthAutoConfiguration}.
 * <p>
 * May import the engine's API and {@code dev.pingora.autoconfigure}; no other adapter.
 */
@NullMarked
package dev.pingora.autoconfigure.actuate;

import org.jspecify.annotations.NullMarked;
