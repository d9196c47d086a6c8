/**
 * What users write: a whole proxy ({@link dev.pingora.proxy.ProxyHttp}) or filters
 * ({@link dev.pingora.proxy.ProxyFilter}) on routes ({@link dev.pingora.proxy.Route}).
 * <p>
 * Start with {@link dev.pingora.proxy.ProxyFilter} and {@link dev.pingora.proxy.Session}.
 * <p>
 * May import: {@code balancing}, {@code protocol} and the packages below them.
 */
@NullMarked
package dev.pingora.proxy;

import org.jspecify.annotations.NullMarked;
