package dev.pingora.autoconfigure;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * A listening socket, and those of its clients.
 *
 * @param backlog how many clients the system accepts before the server takes them
 * @param reusePort whether several processes may listen on the port
 * @param fastOpenQueue how many clients may send with their first packet
 * @param ipv6Only whether the address :: takes IPv6 clients only
 * @param mode who may connect to a Unix domain socket, in octal; by default 0666
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
public record ListenerSocketProperties(@DefaultValue("4096") int backlog, @DefaultValue("false") boolean reusePort,
		@DefaultValue("0") int fastOpenQueue, @DefaultValue("false") boolean ipv6Only, @Nullable String mode,
		@Nullable Boolean keepAlive, @Nullable Duration keepAliveIdle, @Nullable Duration keepAliveInterval,
		@Nullable Integer keepAliveCount, @Nullable Duration userTimeout, @Nullable DataSize sendBuffer,
		@Nullable DataSize receiveBuffer, @Nullable Integer dscp, @Nullable DataSize maxReadSize,
		@Nullable DataSize writeBufferLow, @Nullable DataSize writeBufferHigh) implements SocketProperties {
}
