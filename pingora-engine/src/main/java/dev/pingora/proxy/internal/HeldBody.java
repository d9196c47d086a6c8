package dev.pingora.proxy.internal;

import java.util.ArrayDeque;
import java.util.Deque;

import dev.pingora.protocol.PieceCost;
import io.netty.buffer.ByteBuf;

/**
 * Pieces of a request's body that can't be forwarded yet. A piece of one octet may keep a
 * large network buffer alive, so small ones are joined. Owned by the task's event loop.
 */
final class HeldBody {

	private static final int SMALL = 512;

	private static final int JOINED = 8 * 1024;

	private final Deque<ByteBuf> pieces = new ArrayDeque<>(4);

	private boolean lastIsOurs;

	private boolean whole = true;

	private int cost;

	/**
	 * Holds a piece.
	 * @param data the piece, of which this becomes the owner, whatever happens
	 */
	void add(ByteBuf data) {
		this.cost += PieceCost.of(data); // it is joined, but was delivered alone
		ByteBuf last = this.pieces.peekLast();
		int size = data.readableBytes();
		if (last != null && size <= SMALL && last.writableBytes() >= size && this.lastIsOurs) {
			last.writeBytes(data);
			data.release();
		}
		else if (size <= SMALL) {
			boolean whole = this.whole;
			this.whole = false;
			this.pieces.add(joined(data));
			this.whole = whole;
			this.lastIsOurs = true;
		}
		else {
			this.pieces.add(data);
			this.lastIsOurs = false;
		}
	}

	// Direct memory may be exhausted: the piece is still ours then.
	private static ByteBuf joined(ByteBuf data) {
		try {
			return data.alloc().buffer(JOINED).writeBytes(data);
		}
		finally {
			data.release();
		}
	}

	boolean isEmpty() {
		return this.pieces.isEmpty();
	}

	/**
	 * Returns whether no piece was lost: else the body must not be sent any more.
	 * @return whether each piece was held
	 */
	boolean isWhole() {
		return this.whole;
	}

	/**
	 * Takes the first piece.
	 * @return the piece, of which the caller becomes the owner
	 */
	ByteBuf remove() {
		return this.pieces.remove();
	}

	/**
	 * Settles what all pieces have cost that came, once none is held any more.
	 * @return the cost, each time only once; 0 while something is held
	 */
	int settle() {
		int settled = isEmpty() ? this.cost : 0;
		this.cost -= settled;
		return settled;
	}

	void release() {
		this.pieces.forEach(ByteBuf::release);
		this.pieces.clear();
	}

}
