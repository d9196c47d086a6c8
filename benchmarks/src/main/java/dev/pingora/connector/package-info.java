/**
 * What taking a connection out of the pool and giving it back costs: in the package of
 * the pool, whose classes are its own affair.
 * <p>
 * Start with {@link dev.pingora.connector.PoolBenchmark}.
 * <p>
 * May import: the engine and JMH.
 */
@NullMarked
package dev.pingora.connector;

import org.jspecify.annotations.NullMarked;
