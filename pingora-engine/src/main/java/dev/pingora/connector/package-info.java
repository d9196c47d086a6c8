/**
 * Obtaining an upstream session: from the pool, or by dialling.
 * <p>
 * Start with {@link dev.pingora.connector.Connector}.
 * <p>
 * May import: {@code protocol.h1} and the packages below it.
 */
@NullMarked
package dev.pingora.connector;

import org.jspecify.annotations.NullMarked;
