/**
 * Three small servers for the gateway to call, inside of its own process.
 */
@NullMarked
package dev.pingora.demo.origin;

import org.jspecify.annotations.NullMarked;
