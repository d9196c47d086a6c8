package dev.pingora.proxy.internal;

import dev.pingora.protocol.PieceCost;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Pieces of a body that wait.
 */
class HeldBodyTests {

	private final HeldBody held = new HeldBody();

	private void add(int octets) {
		this.held.add(Unpooled.wrappedBuffer(new byte[octets]));
	}

	private int remove() {
		ByteBuf piece = this.held.remove();
		int octets = piece.readableBytes();
		piece.release();
		return octets;
	}

	/** Or the window of who has sent them would be smaller from then on. */
	@Test
	void piecesThatAreJoinedCostWhatTheyHaveCostAlone() {
		add(1);
		add(1);
		add(1000);
		add(1);
		assertThat(this.held.settle()).isZero();
		assertThat(remove()).isEqualTo(2);
		assertThat(this.held.settle()).isZero();
		assertThat(remove()).isEqualTo(1000);
		assertThat(remove()).isOne();
		assertThat(this.held.settle()).isEqualTo(3 * PieceCost.LEAST + 1000);
		assertThat(this.held.settle()).isZero();
	}

}
