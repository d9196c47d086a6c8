/**
 * Clients inside of the process that call the gateway all the time, so that there is
 * something to disturb: start with {@code DemoTraffic}.
 */
@NullMarked
package dev.pingora.demo.traffic;

import org.jspecify.annotations.NullMarked;
