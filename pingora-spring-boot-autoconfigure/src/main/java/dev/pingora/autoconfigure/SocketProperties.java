package dev.pingora.autoconfigure;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * What the sockets of clients and of backends have in common. What is not set is left to
 * the engine, or to the defaults of all upstreams.
 */
interface SocketProperties {

	@Nullable Boolean keepAlive();

	@Nullable Duration keepAliveIdle();

	@Nullable Duration keepAliveInterval();

	@Nullable Integer keepAliveCount();

	@Nullable Duration userTimeout();

	@Nullable DataSize sendBuffer();

	@Nullable DataSize receiveBuffer();

	@Nullable Integer dscp();

	@Nullable DataSize maxReadSize();

	@Nullable DataSize writeBufferLow();

	@Nullable DataSize writeBufferHigh();

}
