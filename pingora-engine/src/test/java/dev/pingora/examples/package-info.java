/**
 * The examples that the README and the pages of {@code docs} show. A test holds the pages
 * to these sources.
 */
@NullMarked
package dev.pingora.examples;

import org.jspecify.annotations.NullMarked;
