package dev.pingora.autoconfigure;

import java.time.Duration;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How slow a client may be, and how long one of its connections is used.
 *
 * @param minBodyRate how much of a request body has to come in a second, on average; 0
 * means any
 * @param minResponseRate how much of a response a client has to take in a second, on
 * average; 0 means any
 * @param rateGrace how long a client may stand still before a rate counts, 1ms to 1h
 * @param maxKeepaliveRequests how many requests a connection serves; -1 means any number
 */
public record ClientLimitsProperties(@DefaultValue("240B") DataSize minBodyRate,
		@DefaultValue("240B") DataSize minResponseRate, @DefaultValue("5s") Duration rateGrace,
		@DefaultValue("-1") int maxKeepaliveRequests) {
}
