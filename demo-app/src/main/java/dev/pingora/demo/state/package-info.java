/**
 * What the page shows, as JSON that is made once in a while by a thread of its own: start
 * with {@code StatePublisher}.
 */
@NullMarked
package dev.pingora.demo.state;

import org.jspecify.annotations.NullMarked;
