package dev.pingora.autoconfigure;

import java.time.Duration;
import java.util.List;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the names of backends are looked up.
 *
 * @param servers name servers, asked in this order: addresses, each with a port unless it
 * is 53; by default those of the system
 * @param queryTimeout how long a name server may take before the next one is asked, 1ms
 * to 1m
 * @param minTtl for how long an answer is used at least, in whole seconds
 * @param maxTtl for how long an answer is used at most, in whole seconds
 * @param negativeTtl for how long it is remembered that a name does not exist, in whole
 * seconds
 */
public record DnsProperties(@DefaultValue List<String> servers, @DefaultValue("500ms") Duration queryTimeout,
		@DefaultValue("0s") Duration minTtl, @DefaultValue("1h") Duration maxTtl,
		@DefaultValue("1s") Duration negativeTtl) {
}
