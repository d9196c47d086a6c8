/**
 * Who the client really is: the fields in which proxies tell each other about it
 * ({@code Forwarded}, RFC 7239; {@code X-Forwarded-*}; {@code Via}, RFC 9110 section
 * 7.6.3), and which of them are believed.
 * <p>
 * Start with {@link dev.pingora.forwarding.ForwardedOptions}, then
 * {@link dev.pingora.forwarding.ForwardingFields}.
 * <p>
 * May import: {@code http}, {@code limits}, {@code transport} and {@code error}.
 */
@NullMarked
package dev.pingora.forwarding;

import org.jspecify.annotations.NullMarked;
