package dev.pingora.autoconfigure;

import java.time.Duration;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Finds code that holds an event loop for too long.
 *
 * @param loopBudget how long a call may hold an event loop before it is reported, 10ms to
 * 1h; 0 switches the watchdog off
 */
public record WatchdogProperties(@DefaultValue("100ms") Duration loopBudget) {
}
