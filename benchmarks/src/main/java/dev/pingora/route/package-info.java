/**
 * What finding a route costs.
 * <p>
 * Start with {@link dev.pingora.route.RouteBenchmark}.
 * <p>
 * May import: the engine and JMH.
 */
@NullMarked
package dev.pingora.route;

import org.jspecify.annotations.NullMarked;
