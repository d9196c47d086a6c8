package dev.pingora.panic;

import java.time.Instant;

/**
 * A panic: a {@code Throwable} that nobody anticipated, and where it happened.
 *
 * @param id its number, unique in this process
 * @param time when it happened
 * @param thread the name of the thread
 * @param site where it happened
 * @param cause what was thrown
 */
public record Panic(long id, Instant time, String thread, PanicSite site, Throwable cause) {
}
