/**
 * The isolation border: the only place in which everything thrown is caught.
 * <p>
 * Start with {@link dev.pingora.panic.PanicIsolation}.
 * <p>
 * May import: {@code event} and the packages below it.
 */
@NullMarked
package dev.pingora.panic;

import org.jspecify.annotations.NullMarked;
