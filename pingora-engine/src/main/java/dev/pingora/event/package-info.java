/**
 * What happened: the observer's view of requests.
 * <p>
 * Start with {@link dev.pingora.event.ProxyListener}; {@link dev.pingora.event.Phase} is
 * the one list of a request's phases.
 * <p>
 * May import: {@code upstream} and the packages below it.
 */
@NullMarked
package dev.pingora.event;

import org.jspecify.annotations.NullMarked;
