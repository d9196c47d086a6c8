package dev.pingora.proxy.internal;

import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.ByteBuf;

/**
 * The beginning of a request's body, kept so that it can be sent again to another
 * connection. Once the body has outgrown the limit, nothing is kept and nothing can be
 * replayed (Pingora's retry buffer). Owned by the task's event loop.
 */
final class ReplayBuffer {

	// A piece of one octet may keep a large network buffer alive.
	private static final int MAX_PIECES = 256;

	// From so many pieces on, small ones are copied and joined.
	private static final int FEW = 16;

	private static final int SMALL = 512;

	private static final int JOINED = 4 * 1024;

	private final int limit;

	private final boolean edited;

	private final List<ByteBuf> pieces = new ArrayList<>(2);

	private int size;

	private boolean whole = true;

	// The last piece is a copy that has room for more.
	private boolean lastIsOpen;

	/**
	 * Makes an empty buffer.
	 * @param limit how many octets it keeps at most
	 * @param edited whether octets may be edited where they lie once they are out
	 */
	ReplayBuffer(int limit, boolean edited) {
		this.limit = limit;
		this.edited = edited;
	}

	/**
	 * Keeps a piece that goes out now.
	 * @param data the piece; the caller stays its owner, but if there is no memory for a
	 * copy, it is released and nothing can be replayed
	 */
	void keep(ByteBuf data) {
		if (!this.whole) {
			return;
		}
		int octets = data.readableBytes();
		this.size += octets;
		if (this.size > this.limit) {
			drop();
		}
		else if (this.lastIsOpen && octets <= SMALL && octets <= last().writableBytes()) {
			last().writeBytes(data, data.readerIndex(), octets);
		}
		else if (this.pieces.size() == MAX_PIECES) {
			drop();
		}
		else if (octets > 0) {
			this.lastIsOpen = octets <= SMALL && this.pieces.size() >= FEW;
			this.pieces.add((this.edited || this.lastIsOpen) ? copied(data) : data.retainedSlice());
		}
	}

	private ByteBuf last() {
		return this.pieces.get(this.pieces.size() - 1);
	}

	private ByteBuf copied(ByteBuf data) {
		ByteBuf copy = null;
		try {
			ByteBuf room = data.alloc().buffer(this.lastIsOpen ? JOINED : data.readableBytes());
			copy = room.writeBytes(data, data.readerIndex(), data.readableBytes());
			return copy;
		}
		finally {
			if (copy == null) {
				drop();
				data.release();
			}
		}
	}

	boolean isWhole() {
		return this.whole;
	}

	/**
	 * Returns how many pieces are kept.
	 * @return the number of pieces; 0 once nothing can be replayed any more
	 */
	int count() {
		return this.pieces.size();
	}

	/**
	 * Returns a piece, to be sent again, and perhaps not for the last time.
	 * @param index which one
	 * @return a piece of which the caller becomes the owner; the buffer keeps its own
	 */
	ByteBuf piece(int index) {
		ByteBuf piece = this.pieces.get(index);
		return this.edited ? piece.copy() : piece.retainedSlice();
	}

	/**
	 * Forgets everything: nothing can be replayed any more.
	 */
	void drop() {
		this.whole = false;
		this.lastIsOpen = false;
		this.pieces.forEach(ByteBuf::release);
		this.pieces.clear();
	}

}
