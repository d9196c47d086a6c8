/**
 * Makes a proxy server of application properties and beans.
 * <p>
 * Start with {@link dev.pingora.autoconfigure.PingoraAutoConfiguration}; the way of a
 * property is {@code PingoraProperties -> PropertiesMapper -> EngineConfiguration ->
 * ProxyServer.Builder}.
 * <p>
 * May import the engine's API, and none of the adapters in the packages below this one,
 * which do not import each other either.
 */
@NullMarked
package dev.pingora.autoconfigure;

import org.jspecify.annotations.NullMarked;
