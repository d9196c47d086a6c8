/**
 * The demo's page, and its button that fires a panic: start with {@code PageFilter}. It
 * is a toy for one's own machine: whoever sees it may break things.
 */
@NullMarked
package dev.pingora.demo.page;

import org.jspecify.annotations.NullMarked;
