package dev.pingora.transport;

/**
 * Keeps the watches of two loops, which are made one after the other, out of one cache
 * line: each is written all the time by its own loop.
 */
@SuppressWarnings("unused") // they only take up room
abstract class LoopWatchPadding {

	private long p01, p02, p03, p04, p05, p06, p07, p08;

	private long p09, p10, p11, p12, p13, p14, p15, p16;

}
