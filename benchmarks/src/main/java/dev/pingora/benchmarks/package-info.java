/**
 * What single steps of the engine cost, measured with JMH.
 * <p>
 * Start with {@link dev.pingora.benchmarks.WatchdogBenchmark}.
 * <p>
 * May import: the engine and JMH.
 */
@NullMarked
package dev.pingora.benchmarks;

import org.jspecify.annotations.NullMarked;
