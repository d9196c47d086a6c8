/**
 * Reports panics to Sentry.
 * <p>
 * Start with {@link dev.pingora.autoconfigure.sentry.PingoraSentryAutoConfiguration}.
 * <p>
 * May import the engine's API and {@code dev.pingora.autoconfigure}; no other adapter.
 */
@NullMarked
package dev.pingora.autoconfigure.sentry;

import org.jspecify.annotations.NullMarked;
