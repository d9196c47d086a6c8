/**
 * The gateway that {@code benchmarks/side-by-side} compares with others.
 * <p>
 * Start with {@link dev.pingora.benchmarks.gateway.GatewayApplication}.
 * <p>
 * May import: the engine, Spring Boot.
 */
@NullMarked
package dev.pingora.benchmarks.gateway;

import org.jspecify.annotations.NullMarked;
