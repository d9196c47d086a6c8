/**
 * How things fail: the typed, anticipated failures of the proxy.
 * <p>
 * Start with {@link dev.pingora.error.ProxyException}. Whatever leaves user code or
 * engine code and is not a {@code ProxyException} is a panic, see
 * {@code dev.pingora.panic}.
 * <p>
 * May import: nothing of the engine.
 */
@NullMarked
package dev.pingora.error;

import org.jspecify.annotations.NullMarked;
