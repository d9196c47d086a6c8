/**
 * Groups of backends and how one of them is chosen.
 * <p>
 * Start with {@link dev.pingora.balancing.Upstream}.
 * <p>
 * May import: {@code panic} and the packages below it.
 */
@NullMarked
package dev.pingora.balancing;

import org.jspecify.annotations.NullMarked;
