package dev.pingora.autoconfigure;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * The sockets that connect to backends.
 *
 * @param bindTo address that connections come from, and perhaps ports, such as
 * 10.0.0.9:40000-49999; empty lets the system choose
 * @param fastOpen whether a request may go out with the first packet
 * @param keepAlive whether TCP asks a silent peer for signs of life
 * @param keepAliveIdle how long a peer must be silent before it is asked
 * @param keepAliveInterval pause between two questions
 * @param keepAliveCount how many questions without an answer end the connection, 1 to 127
 * @param userTimeout how long sent octets may stay unacknowledged
 * @param sendBuffer size of the send buffer of the system
 * @param receiveBuffer size of the receive buffer of the system
 * @param dscp class of the packets, 0 to 63
 * @param maxReadSize most octets that are read at once, 1KB to 16MB
 * @param writeBufferLow when so little waits to be written, the other side is read again
 * @param writeBufferHigh when so much waits to be written, the other side is not read
 */
public record UpstreamSocketProperties(@Nullable String bindTo, @Nullable Boolean fastOpen, @Nullable Boolean keepAlive,
		@Nullable Duration keepAliveIdle, @Nullable Duration keepAliveInterval, @Nullable Integer keepAliveCount,
		@Nullable Duration userTimeout, @Nullable DataSize sendBuffer, @Nullable DataSize receiveBuffer,
		@Nullable Integer dscp, @Nullable DataSize maxReadSize, @Nullable DataSize writeBufferLow,
		@Nullable DataSize writeBufferHigh) implements SocketProperties {
}
