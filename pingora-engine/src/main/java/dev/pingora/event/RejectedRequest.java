package dev.pingora.event;

import java.net.SocketAddress;

import dev.pingora.error.ProxyException;

/**
 * A request that never began: its head could not be read, was refused, or came too late.
 *
 * @param protocol the protocol of the connection, such as {@code HTTP/1.1}
 * @param clientAddress the address of the connection's other end
 * @param error why; its {@code status()} was answered, unless it is 0
 */
public record RejectedRequest(String protocol, SocketAddress clientAddress, ProxyException error) {
}
