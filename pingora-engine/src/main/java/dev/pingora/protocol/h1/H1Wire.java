package dev.pingora.protocol.h1;

import dev.pingora.transport.WriteWatch;
import io.netty.channel.Channel;

/**
 * What hangs on the channel of a client's connection.
 *
 * @param channel the channel
 * @param reader reads requests
 * @param writeWatch notices a client that doesn't read
 * @param closing the ways to close
 */
record H1Wire(Channel channel, H1RequestReader reader, WriteWatch writeWatch, H1Closing closing) {
}
