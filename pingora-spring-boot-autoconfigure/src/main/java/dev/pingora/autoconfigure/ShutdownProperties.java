package dev.pingora.autoconfigure;

import java.time.Duration;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the server ends.
 *
 * @param delay how long everything is still served after readiness has gone down, so that
 * whoever balances the load can learn of it
 */
public record ShutdownProperties(@DefaultValue("0s") Duration delay) {
}
