/**
 * Whom to call and how.
 * <p>
 * Start with {@link dev.pingora.upstream.HttpPeer}. Everything here is immutable.
 * <p>
 * May import: {@code error}, {@code http}, {@code limits}, {@code tls},
 * {@code transport}.
 */
@NullMarked
package dev.pingora.upstream;

import org.jspecify.annotations.NullMarked;
