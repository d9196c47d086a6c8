/**
 * The access log: a line for each request, written by a thread of its own.
 * <p>
 * Start with {@link dev.pingora.accesslog.AccessLog}, which is a
 * {@link dev.pingora.event.ProxyListener} like any other; then
 * {@link dev.pingora.accesslog.AccessLogFormat}.
 * <p>
 * May import: {@code event}, {@code panic} and the packages below them.
 */
@NullMarked
package dev.pingora.accesslog;

import org.jspecify.annotations.NullMarked;
