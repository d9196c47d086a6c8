/**
 * Counting what clients and requests take, to limit it (Pingora's
 * {@code pingora-limits}).
 * <p>
 * Start with {@link dev.pingora.limits.Inflight}.
 * <p>
 * May import: {@code error}.
 */
@NullMarked
package dev.pingora.limits;

import org.jspecify.annotations.NullMarked;
