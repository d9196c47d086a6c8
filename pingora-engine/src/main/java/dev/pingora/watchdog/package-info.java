/**
 * Finds calls that hold an event loop for too long: it samples what the loops are doing,
 * and names the guilty one while it still holds its loop.
 * <p>
 * Start with {@link dev.pingora.watchdog.Watchdog}.
 * <p>
 * May import: {@code panic} and the packages below it.
 */
@NullMarked
package dev.pingora.watchdog;

import org.jspecify.annotations.NullMarked;
