/**
 * A filter that fails on demand: start with {@code FaultFilter}.
 */
@NullMarked
package dev.pingora.demo.fault;

import org.jspecify.annotations.NullMarked;
