/**
 * A gateway to run, look at and break.
 * <p>
 * Start with {@code application.yml}: the gateway is all there. {@code origin} has the
 * servers behind it, {@code fault} a filter that panics on demand, {@code traffic}
 * clients that call all the time, {@code page} the page that shows what becomes of them,
 * and {@code state} what the page is told.
 */
@NullMarked
package dev.pingora.demo;

import org.jspecify.annotations.NullMarked;
