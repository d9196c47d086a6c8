package dev.pingora.protocol.h1;

import dev.pingora.testkit.EngineExtension;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link H1Input}.
 */
@ExtendWith(EngineExtension.class)
class H1InputTests {

	private final EmbeddedChannel channel = new EmbeddedChannel();

	private final H1Input input = new H1Input();

	@AfterEach
	void release() {
		this.input.release();
		this.channel.finishAndReleaseAll();
	}

	private void add(int octets) {
		ByteBuf data = this.channel.alloc().buffer(octets).writeZero(octets);
		this.input.add(data);
		this.input.regulate(this.channel);
	}

	private boolean isReading() {
		return this.channel.config().isAutoRead();
	}

	private void take(int octets) {
		for (int left = octets; left > 0;) {
			ByteBuf data = this.input.front();
			assertThat(data).isNotNull();
			int taken = Math.min(left, data.readableBytes());
			data.skipBytes(taken);
			left -= taken;
		}
		this.input.regulate(this.channel);
	}

	@Test
	void octetsComeInOrderAndBuffersAreReleasedWhenEmpty() {
		ByteBuf first = Heads.buffer("ab");
		ByteBuf empty = this.channel.alloc().buffer(1);
		ByteBuf second = Heads.buffer("cd");
		this.input.add(first);
		this.input.add(empty);
		this.input.add(second);
		assertThat(this.input.front()).isSameAs(first);
		first.skipBytes(2);
		assertThat(this.input.front()).isSameAs(second);
		assertThat(first.refCnt()).isZero();
		assertThat(empty.refCnt()).isZero();
		second.skipBytes(2);
		assertThat(this.input.isEmpty()).isTrue();
		assertThat(second.refCnt()).isZero();
	}

	@Test
	void tooMuchStopsReadingUntilHalfOfItIsTaken() {
		add(64 * 1024);
		assertThat(isReading()).isTrue();
		add(1);
		assertThat(isReading()).isFalse();
		take(32 * 1024);
		assertThat(isReading()).isFalse();
		take(1);
		assertThat(isReading()).isTrue();
	}

	// Each buffer is much larger than the octet in it, and all of them are counted.
	@Test
	void manySmallPiecesStopReadingToo() {
		int pieces = 0;
		while (isReading() && pieces < 10_000) {
			add(1);
			pieces++;
		}
		assertThat(pieces).isLessThan(1000);
		take(pieces);
		assertThat(isReading()).isTrue();
	}

	@Test
	void releaseTakesAll() {
		add(10);
		add(20);
		ByteBuf front = this.input.front();
		this.input.release();
		assertThat(this.input.isEmpty()).isTrue();
		assertThat(front.refCnt()).isZero();
	}

}
