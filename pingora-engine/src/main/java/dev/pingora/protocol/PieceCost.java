package dev.pingora.protocol;

import io.netty.buffer.ByteBuf;

/**
 * What a piece of a body costs of the credit of who delivers it: its octets, but never
 * less than {@link #LEAST}. A piece takes memory and time wherever it waits, however
 * small it is (a buffer, its framing, entries of queues); so credit bounds the number of
 * pieces, too.
 * <p>
 * Who delivers a piece charges its cost; who takes it gives back that same cost once it
 * has dealt with the piece, whatever it has become meanwhile (filters change pieces, what
 * is held is joined). So what is left of the credit and what is still to be given back
 * make up a window at any time, and nothing gets stuck: a piece is delivered whole while
 * any credit is left, which it may take below zero, so none waits for credit that its own
 * cost exceeds; and when none is left, a whole window or more is still to be given back,
 * which happens as soon as there is room behind. What is not delivered stays with the
 * connection, which stops reading when that is too much.
 */
public final class PieceCost {

	/** The cost of the smallest piece: 256 of them use up 128 KiB. */
	public static final int LEAST = 512;

	private PieceCost() {
	}

	/**
	 * Returns the cost of a piece, which is to be asked for before the piece is given
	 * away.
	 * @param piece the piece
	 * @return the cost; 0 for a piece without octets, which only tells the end
	 */
	public static int of(ByteBuf piece) {
		int octets = piece.readableBytes();
		return (octets > 0) ? Math.max(octets, LEAST) : 0;
	}

}
