package dev.pingora.protocol.h1;

/**
 * How large a head may be.
 *
 * @param size octets, the start line included
 * @param fields number of fields
 */
record HeadLimits(int size, int fields) {
}
