/**
 * Holds the pages of {@code docs} and the README to the code.
 */
@NullMarked
package dev.pingora.docs;

import org.jspecify.annotations.NullMarked;
