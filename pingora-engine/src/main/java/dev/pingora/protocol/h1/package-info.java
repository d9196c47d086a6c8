/**
 * HTTP/1.1 on the seam: octets to sessions and back, as RFC 9112 has it.
 * <p>
 * Start with {@code H1ServerConnection}, one client's connection, and
 * {@code H1ClientConnection}, one connection to a peer. {@code H1HeadParser},
 * {@code H1Framing} and {@code H1BodyDecoder} read, {@code H1HeadWriter} writes.
 * <p>
 * May import: {@code proxy} and the packages below it.
 */
@NullMarked
package dev.pingora.protocol.h1;

import org.jspecify.annotations.NullMarked;
