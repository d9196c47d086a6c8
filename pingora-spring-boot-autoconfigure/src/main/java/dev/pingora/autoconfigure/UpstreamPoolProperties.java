package dev.pingora.autoconfigure;

import java.time.Duration;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How idle connections to backends are kept.
 *
 * @param maxIdle how many are kept at once, to all backends and by all event loops; 0
 * keeps none
 * @param shareAcrossLoops whether a request whose own event loop has no idle connection
 * to a backend may use one of another event loop
 * @param borrowTimeout how long the other event loop may take to hand it over, 1ms to 1m,
 * until a new connection is made instead
 */
public record UpstreamPoolProperties(@DefaultValue("4096") int maxIdle, @DefaultValue("true") boolean shareAcrossLoops,
		@DefaultValue("10ms") Duration borrowTimeout) {
}
