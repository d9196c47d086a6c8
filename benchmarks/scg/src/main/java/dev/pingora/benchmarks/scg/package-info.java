/**
 * Another gateway on the JVM, for comparison.
 * <p>
 * Start with {@link dev.pingora.benchmarks.scg.ScgApplication}.
 * <p>
 * May import: Spring Boot.
 */
@NullMarked
package dev.pingora.benchmarks.scg;

import org.jspecify.annotations.NullMarked;
