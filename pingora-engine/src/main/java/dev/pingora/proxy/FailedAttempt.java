package dev.pingora.proxy;

import dev.pingora.error.ProxyException;
import dev.pingora.upstream.HttpPeer;

/**
 * An attempt to call a peer that failed after the connection had come about.
 *
 * @param peer the peer
 * @param error what failed
 * @param reused whether the connection had been used before
 */
public record FailedAttempt(HttpPeer peer, ProxyException error, boolean reused) {
}
